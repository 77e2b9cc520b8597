import type { BlockList } from 'node:net';
import { types } from 'node:util';
import { InvalidOption, listOption, objectOption, warn } from '@coalmine/options';
import { type AddressRange, blockListOf, parseRange } from './address-range.js';
import { riskOf } from './private-range.js';

/** Addresses that are proof enough. */
export interface TrustedOptions {
  /** Ranges (or addresses) that do not belong to users, such as a monitor's. Compared with the peer of the socket. */
  readonly cidrs: readonly string[];
  /**
   * Ranges (or addresses) of your own proxies, whose `x-forwarded-for` is believed, from the right. @defaultValue none:
   * the header is ignored
   */
  readonly proxies?: readonly string[];
  /**
   * The agent that such a request must have in addition: strings that the agent begins with, or patterns; see `agents`.
   * @defaultValue any
   */
  readonly userAgents?: readonly (string | RegExp)[];
}

/** Parsed {@link TrustedOptions}. */
export interface TrustedSettings {
  readonly cidrs: BlockList;
  readonly proxies: BlockList | undefined;
  readonly userAgents: readonly (string | RegExp)[] | undefined;
}

/** Parses the options, and warns of ranges that may contain users. Throws `InvalidOption`. */
export function parseTrusted(option: string, options: TrustedOptions | undefined): TrustedSettings | undefined {
  if (options === undefined) return undefined;
  const { cidrs, proxies, userAgents } = objectOption(option, options, ['cidrs', 'proxies', 'userAgents']);
  const ranges = atLeastOne(`${option}.cidrs`, rangeList(`${option}.cidrs`, cidrs));
  ranges.forEach((range, i) => {
    const risk = riskOf(range);
    const name = `${option}.cidrs[${i}]`;
    if (risk !== undefined) warn('COALMINE_PRIVATE_RANGE', `${name} trusts ${cidrs?.[i]}: ${risk}`);
  });
  const proxyRanges = rangeList(`${option}.proxies`, proxies);
  return {
    cidrs: blockListOf(ranges),
    proxies: proxyRanges.length === 0 ? undefined : blockListOf(proxyRanges),
    userAgents: userAgents === undefined ? undefined : agentList(`${option}.userAgents`, userAgents),
  };
}

function rangeList(option: string, cidrs: readonly string[] | undefined): readonly AddressRange[] {
  return listOption(option, cidrs, 'a CIDR range', () => true).map((text, i) => parseRange(`${option}[${i}]`, text));
}

function agentList(option: string, agents: readonly (string | RegExp)[]): readonly (string | RegExp)[] {
  const accepted = 'a string that an agent begins with, or a pattern without the flags g and y';
  const known = listOption(option, agents, accepted, (agent) =>
    // These flags make a pattern remember its last match, so that it matches only every other time.
    types.isRegExp(agent) ? !agent.global && !agent.sticky : typeof agent === 'string' && agent !== '',
  );
  return atLeastOne(option, known);
}

function atLeastOne<T>(option: string, list: readonly T[]): readonly T[] {
  if (list.length === 0) throw new InvalidOption(option, 'a list of at least one', list);
  return list;
}
