// A process whose HTTP server never listens: another server hands its connections over, as sticky sessions do.
import { createServer } from 'node:http';
import { createServer as createFront } from 'node:net';
import { coalmine } from '@coalmine/express';
import express from 'express';

const app = express();
app.use(coalmine({ health: { drainSeconds: 0.3 } }));
const server = createServer(app);
const front = createFront((socket) => server.emit('connection', socket));
front.listen(0, '127.0.0.1', () => console.log(`Listening on http://127.0.0.1:${front.address().port}`));
