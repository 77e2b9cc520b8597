// A service that its own resources keep from ending.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createDatabase } from 'node:net';
import { coalmine } from '@coalmine/express';
import express from 'express';
import { listening } from '../recipes/work.mjs';

const [holder] = process.argv.slice(2);
const app = express();
app.use(coalmine({ health: { drainSeconds: 0.3 } }));
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
if (holder === 'a timer') setInterval(() => {}, 1_000);
if (holder === 'a second server') createServer().listen(0, '127.0.0.1');
// A database that never closes its side of a connection, and a pool that never closes its side.
if (holder === 'a pool') {
  const database = createDatabase().listen(0, '127.0.0.1').unref();
  await once(database, 'listening');
  await once(connect(database.address().port, '127.0.0.1'), 'connect');
}
listening(server);
