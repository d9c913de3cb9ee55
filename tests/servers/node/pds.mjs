// A Bluesky personal data server and the directory its accounts are looked up in.
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { envToCfg, envToSecrets, PDS } from '@atproto/pds'
import plc from '@did-plc/server'

const { PORT, PLC_PORT } = process.env
const data = './data'
const secret = () => randomBytes(32).toString('hex')

await mkdir(`${data}/blobs`, { recursive: true })
const directory = plc.PlcServer.create({ db: plc.Database.mock(), port: Number(PLC_PORT) })
await directory.start()

const told = {
  adminPassword: secret(),
  blobstoreDiskLocation: `${data}/blobs`,
  bskyAppViewDid: 'did:example:invalid',
  bskyAppViewUrl: 'https://appview.invalid',
  dataDirectory: data,
  devMode: true,
  didPlcUrl: `http://localhost:${PLC_PORT}`,
  disableSsrfProtection: true,
  hostname: 'localhost',
  inviteRequired: false,
  jwtSecret: secret(),
  plcRotationKeyK256PrivateKeyHex: secret(),
  port: Number(PORT),
  serviceHandleDomains: ['.test'],
}
const server = await PDS.create(envToCfg(told), envToSecrets(told))
await server.start()

process.on('SIGTERM', async () => {
  await server.destroy()
  await directory.destroy()
  process.exit(0)
})
