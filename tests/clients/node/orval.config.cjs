module.exports = {
  facet: { input: "./openapi.yaml", output: { target: "./orval/facet.ts", client: "fetch" } },
};
