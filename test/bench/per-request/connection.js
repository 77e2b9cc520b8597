import { once } from 'node:events';
import { Duplex } from 'node:stream';

/** A connection to an HTTP server in the same process: it uses Node's parser and responses, but not the kernel. */
export class Connection extends Duplex {
  remoteAddress = '203.0.113.7';
  remotePort = 40_000;

  constructor(server) {
    super();
    server.emit('connection', this);
  }

  /** Sends a request, and resolves to the status of its response. The response must be small, so that Node writes it in one piece. */
  async send(method, path) {
    // If the response needs no wait, it is already written when `push` returns.
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

// The headers of a browser, because some contenders read them.
const HEADERS = [
  'Host: shop.example',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
  'Accept: text/html,application/json',
  'Accept-Encoding: gzip, br',
  'Accept-Language: en',
].join('\r\n');
