// Validate the C2PA manifest of a file with c2pa-ts; print what it found as JSON.
import { readFileSync } from "node:fs";
import { JPEG, PNG } from "@trustnxt/c2pa-ts/asset";
import { SuperBox } from "@trustnxt/c2pa-ts/jumbf";
import { ManifestStore } from "@trustnxt/c2pa-ts/manifest";

const data = readFileSync(process.argv[2]);
const asset = JPEG.canRead(data) ? new JPEG(data) : new PNG(data);
const store = ManifestStore.read(SuperBox.fromBuffer(asset.getManifestJUMBF()));
const result = await store.validate(asset);
const labels = store.getActiveManifest().assertions.assertions.map((assertion) => assertion.label);
console.log(
  JSON.stringify({
    isValid: result.isValid,
    failures: result.statusEntries.filter((entry) => !entry.success).map((entry) => entry.code),
    labels,
  }),
);
