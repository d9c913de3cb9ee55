// Whatever a server was told: it listens on this machine only.
const { Server } = require('node:net')

const listen = Server.prototype.listen

Server.prototype.listen = function (...words) {
  const [first, second] = words
  if (typeof first === 'object' && first?.port !== undefined) {
    words[0] = { ...first, host: '127.0.0.1' }
  } else if (Number.isInteger(Number(first))) {
    words.splice(1, typeof second === 'string' ? 1 : 0, '127.0.0.1')
  }
  return listen.apply(this, words)
}
