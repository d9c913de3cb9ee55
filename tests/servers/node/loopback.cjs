// Whatever a server was told: it listens on this machine only, and finds SITE at SITE_PORT of it.
const { Server } = require('node:net')
const tls = require('node:tls')

const { listen } = Server.prototype
const { connect } = tls
const { SITE, SITE_PORT } = process.env

Server.prototype.listen = function (...words) {
  const [first, second] = words
  if (typeof first === 'object' && first?.port !== undefined) {
    words[0] = { ...first, host: '127.0.0.1' }
  } else if (Number.isInteger(Number(first))) {
    words.splice(1, typeof second === 'string' ? 1 : 0, '127.0.0.1')
  }
  return listen.apply(this, words)
}

tls.connect = (options, ...rest) => {
  const here = { host: '127.0.0.1', port: Number(SITE_PORT), servername: SITE }
  return connect(SITE && options.host === SITE ? { ...options, ...here } : options, ...rest)
}
