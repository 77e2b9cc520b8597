// A process that has Coalmine and never gets to listen: it waits for something that does not come.
import { coalmine as coalmineExpress } from '@coalmine/express';
import coalmineFastify from '@coalmine/fastify';
import express from 'express';
import Fastify from 'fastify';

const [framework] = process.argv.slice(2);
if (framework === 'fastify') await Fastify().register(coalmineFastify);
else express().use(coalmineExpress());
setInterval(() => {}, 1_000);
console.log('Booting');
