import { Get } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { Route, routeOptionsOf } from './route.js';

type Handlers = Record<string | symbol, ((...args: never[]) => unknown) | undefined>;
type Prototype = { readonly prototype: object };

/** Decorates a method as TypeScript does: the decorator nearest to the method comes first. */
function decorate({ prototype }: Prototype, name: string | symbol, ...decorators: readonly MethodDecorator[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
  for (const each of decorators.toReversed()) each(prototype, name, descriptor);
}

const handlersOf = ({ prototype }: Prototype): Handlers => prototype as Handlers;
const optionsOf = (controller: Prototype, name: string | symbol): unknown =>
  routeOptionsOf(handlersOf(controller)[name]);

const SLOW = { objective: { latency: 2.5 } };
const SLOWER = { objective: { latency: 60 } };

/** Returns a controller with a handler and a method that is no handler. */
function createItems(): Prototype & (new () => object) {
  class Items {
    one(id: string): string {
      return `${this.help()} ${id}`;
    }
    help(): string {
      return 'item';
    }
    get label(): string {
      return this.help();
    }
  }
  decorate(Items, 'one', Get(':id'));
  return Items;
}

describe('the options of a route', () => {
  it('are undefined for a handler without options, and for a value that is not a function', () => {
    expect(optionsOf(createItems(), 'one')).toBeUndefined();
    expect(routeOptionsOf('one')).toBeUndefined();
  });

  it('of a controller apply to its own handlers, which are not replaced, and to no other method', () => {
    const items = createItems();
    const { one, help } = handlersOf(items);
    Route(SLOW)(items as never);
    expect([optionsOf(items, 'one'), optionsOf(items, 'help')]).toEqual([SLOW, undefined]);
    expect(handlersOf(items)).toMatchObject({ one, help });
  });

  it('of a handler override the same options of its controller, and keep the others', () => {
    const items = createItems();
    decorate(items, 'one', Route(SLOWER));
    Route({ ...SLOW, exclude: true })(items as never);
    expect(optionsOf(items, 'one')).toEqual({ ...SLOWER, exclude: true });
  });

  it.each([
    [false, { exclude: false }, { exclude: false }],
    [SLOW, false, { ...SLOW, exclude: true }],
  ] as const)('%j of a controller and %j of a handler are %j', (ofController, ofHandler, both) => {
    const items = createItems();
    Route(ofController)(items as never);
    decorate(items, 'one', Route(ofHandler));
    expect(optionsOf(items, 'one')).toEqual(both);
  });

  it('of two decorators on one handler are the options of both', () => {
    const items = createItems();
    decorate(items, 'one', Route(SLOW), Route({ ...SLOWER, exclude: true }));
    expect(optionsOf(items, 'one')).toEqual({ ...SLOW, exclude: true });
  });

  it('are refused at the place where they are written', () => {
    expect(() => Route({ objective: { latency: -1 } })).toThrow('objective.latency must be');
  });
});

describe('a controller that inherits a handler', () => {
  it('has options that its base class and other controllers do not get', () => {
    const base = createItems();
    class Reports extends base {}
    class Jobs extends base {}
    Route(SLOW)(Reports);
    expect([Reports, base, Jobs].map((each) => optionsOf(each, 'one'))).toEqual([SLOW, undefined, undefined]);
  });

  it('keeps what Nest reads from the handler: its name, its number of parameters, its metadata', () => {
    const base = createItems();
    class Reports extends base {
      help(): string {
        return 'report';
      }
    }
    Route(SLOW)(Reports);
    const own = handlersOf(Reports)['one'] as (id: string) => unknown;
    expect([own.name, own.length, Reflect.getMetadata('path', own)]).toEqual(['one', 1, ':id']);
    expect(own.call(new Reports(), '7')).toBe('report 7');
  });

  it('has no options on an overriding method that is not a handler', () => {
    class Reports extends createItems() {
      one(): void {}
    }
    Route(SLOW)(Reports);
    expect(optionsOf(Reports, 'one')).toBeUndefined();
  });
});
