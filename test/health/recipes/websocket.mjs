// WebSockets of @fastify/websocket, which closes them in its own preClose hook.
import coalmine from '@coalmine/fastify';
import websocket from '@fastify/websocket';
import Fastify from 'fastify';
import { ended, listening, work } from './work.mjs';

const app = Fastify();
await app.register(coalmine);
await app.register(websocket);
app.get('/echo', { websocket: true }, (socket) => {
  socket.on('message', (message) => socket.send(String(message)));
});
app.addHook('onClose', ended);
app.get('/work/:ms', work);
await app.listen({ host: '127.0.0.1', port: 0 });
listening(app.server);
