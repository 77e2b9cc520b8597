// A process with Coalmine that never listens, because it waits for something that never happens.
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import express from 'express';
import Fastify from 'fastify';

const [framework] = process.argv.slice(2);
if (framework === 'fastify') await Fastify().register(coalmineFastify);
else express().use(coalmineExpress());
setInterval(() => {}, 1_000);
console.log('Booting');
