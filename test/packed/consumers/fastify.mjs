import coalmine, { CoalmineError, coalmine as named } from '@coalmine/fastify';
import Fastify from 'fastify';

if (coalmine !== named || typeof CoalmineError !== 'function') throw new Error('the exports differ');
const app = Fastify();
await app.register(coalmine);
app.get('/items/:id', async () => 'item');
await app.inject('/items/1');
process.stdout.write((await app.inject('/metrics')).body);
