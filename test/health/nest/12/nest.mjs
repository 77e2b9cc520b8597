// What the test of Nest needs of this version.
import 'reflect-metadata';

export { Module } from '@nestjs/common';
export { NestFactory } from '@nestjs/core';
export { FastifyAdapter } from '@nestjs/platform-fastify';
