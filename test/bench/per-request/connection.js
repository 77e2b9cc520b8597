import { once } from 'node:events';
import { Duplex } from 'node:stream';

/** A connection to an HTTP server in the same process: Node's parser and responses, without a kernel around them. */
export class Connection extends Duplex {
  remoteAddress = '203.0.113.7';
  remotePort = 40_000;

  constructor(server) {
    super();
    server.emit('connection', this);
  }

  /** Sends a request, and resolves to the status of its response: a small one, which is written in one piece. */
  async send(method, path) {
    // A response that needs no wait has been written when `push` returns.
    const response = once(this, 'response');
    this.push(`${method} ${path} HTTP/1.1\r\n${HEADERS}\r\n\r\n`);
    const [head] = await response;
    return Number(head.slice(9, 12));
  }

  /** Sends a request, and leaves before the response. */
  async leave(path) {
    this.push(`GET ${path} HTTP/1.1\r\n${HEADERS}\r\n\r\n`);
    await new Promise(setImmediate);
    this.push(null);
    this.destroy();
  }

  _read() {}

  _write(chunk, _encoding, done) {
    this._writev([{ chunk }], done);
  }

  // Node writes a head and its body together.
  _writev([{ chunk }], done) {
    done();
    this.emit('response', chunk.toString('latin1', 0, 12));
  }
}

// What a browser sends, since some contenders read it.
const HEADERS = [
  'Host: shop.example',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
  'Accept: text/html,application/json',
  'Accept-Encoding: gzip, br',
  'Accept-Language: en',
].join('\r\n');
