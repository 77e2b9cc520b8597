import { coalmine, type RouteOptions } from '@coalmine/express';
import type {} from 'reflect-metadata';

// On a handler. Nest copies the metadata of a handler to the function that it registers.
const OF_METHOD = 'coalmine:route:method';
const OF_CLASS = 'coalmine:route:class';
// Where Nest keeps the path of a handler.
const PATH = 'path';

/**
 * Sets the options of the routes of a handler, or of all handlers of a controller: `@Route({ objective: { latency: 2.5
 * } })`, or `@Route(false)` to exclude their requests. The options of a handler override the options of its controller.
 *
 * Throws `CoalmineError` if an option is invalid.
 */
export function Route(options: RouteOptions): ClassDecorator & MethodDecorator {
  // An invalid option throws at the place where the user wrote it.
  coalmine.route(options);
  return (target: object, _name?: string | symbol, descriptor?: PropertyDescriptor): void => {
    if (descriptor === undefined) applyToClass(target as { readonly prototype: object }, options);
    else apply(OF_METHOD, descriptor.value, options);
  };
}

/** Returns the options of the route that a function of Nest serves, or `undefined` if there are none. */
export function routeOptionsOf(handler: unknown): RouteOptions | undefined {
  if (typeof handler !== 'function') return undefined;
  const ofClass: RouteOptions | undefined = Reflect.getMetadata(OF_CLASS, handler);
  const ofMethod: RouteOptions | undefined = Reflect.getMetadata(OF_METHOD, handler);
  return ofMethod === undefined ? ofClass : refine(ofClass, ofMethod);
}

type Handler = (...args: unknown[]) => unknown;
type Handlers = Record<string | symbol, Handler>;

function applyToClass({ prototype }: { readonly prototype: object }, options: RouteOptions): void {
  const handlers = prototype as Handlers;
  for (const name of handlerNames(prototype)) {
    // An inherited handler is shared with other controllers, to which the options do not apply.
    if (!Object.hasOwn(prototype, name)) inherit(handlers, name);
    apply(OF_CLASS, handlers[name] as Handler, options);
  }
}

function apply(key: string, handler: Handler, options: RouteOptions): void {
  Reflect.defineMetadata(key, refine(Reflect.getMetadata(key, handler), options), handler);
}

/** Returns the names of the methods that serve routes, including methods of base classes. */
function handlerNames(prototype: object): ReadonlySet<string | symbol> {
  const seen = new Set<string | symbol>();
  const names = new Set<string | symbol>();
  for (let each = prototype; each !== null && each !== Object.prototype; each = Object.getPrototypeOf(each)) {
    for (const name of Reflect.ownKeys(each)) {
      const value: unknown = Object.getOwnPropertyDescriptor(each, name)?.value;
      const isHandler = typeof value === 'function' && name !== 'constructor' && Reflect.hasMetadata(PATH, value);
      if (isHandler && !seen.has(name)) names.add(name);
      seen.add(name);
    }
  }
  return names;
}

/** Gives a prototype its own method that does what the inherited method does. */
function inherit(prototype: Handlers, name: string | symbol): void {
  const inherited = prototype[name] as Handler;
  const value = function (this: unknown, ...args: unknown[]): unknown {
    return inherited.apply(this, args);
  };
  for (const property of ['name', 'length']) {
    Object.defineProperty(value, property, Object.getOwnPropertyDescriptor(inherited, property) ?? {});
  }
  for (const key of Reflect.getMetadataKeys(inherited)) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, inherited), value);
  }
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
}

function refine(general: RouteOptions | undefined, own: RouteOptions): RouteOptions {
  return general === undefined ? own : { ...spellOut(general), ...spellOut(own) };
}

function spellOut(options: RouteOptions): Exclude<RouteOptions, false> {
  return options === false ? { exclude: true } : options;
}
