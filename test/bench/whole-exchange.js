import { createInstrument } from '@coalmine/node';
import { Registry } from 'prom-client';
import { routesOf, STATUSES } from './exchanges.js';

// An exchange over a response that Coalmine cannot read has other costs. Coalmine warns of it once.
process.on('warning', (warning) => {
  throw warning;
});

/**
 * Runs whole exchanges over a response that has only the parts that an exchange uses, so that the cost does not include Node's
 * own.
 *
 * @param {object} [options] of Coalmine
 * @returns {{ begin(): void, end(i: number): void }} of the exchange in hand, the `i`th
 */
export function wholeExchange(options) {
  const instrument = createInstrument({ registry: new Registry(), warmup: false, ...options });
  const routes = routesOf(instrument.metrics);
  const socket = { destroyed: false };
  const response = {
    listener: undefined,
    statusCode: 200,
    req: undefined,
    socket,
    headersSent: true,
    writableEnded: true,
    chunkedEncoding: false,
    _header: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    listenerCount: () => 0,
    prependListener(_event, listener) {
      this.listener = listener;
    },
  };
  const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36' };
  const rawHeaders = [];
  let exchange;
  return {
    begin() {
      // Each request is a new object, like the requests of Node.
      response.req = { method: 'GET', httpVersion: '1.1', socket, rawHeaders, headers, _readableState: {} };
      exchange = instrument.begin(response.req, response);
    },
    end(i) {
      exchange.route = routes[i % routes.length];
      response.statusCode = STATUSES[i & 7];
      response.listener();
    },
  };
}
