import type { Disturbance, Fault, Setting } from './release.js';
import type { Experiment } from './simulation.js';
import { minutes, RULE, SWITCHED_RULE, settingOf, switchedSettingOf } from './template.js';

/** Services by their traffic. A busier service has more routes. */
export const SERVICES = [
  { perSecond: 1, routes: 10 },
  { perSecond: 2, routes: 10 },
  { perSecond: 10, routes: 20 },
  { perSecond: 20, routes: 30 },
  { perSecond: 200, routes: 100 },
  { perSecond: 1000, routes: 200 },
] as const;
// Releases of the busiest service take as long as the same number of releases of all others together. Only the good releases, about
// which there is a promise, are as many there.
const isBusy = ({ perSecond }: Pick<Setting, 'perSecond'>): boolean => perSecond > 200;

/** Disturbances that make canary and stable differ although they are the same program. */
export const KINDS: readonly { readonly name: string; readonly disturbances: readonly Disturbance[] }[] = [
  { name: 'both sides are equal', disturbances: [] },
  { name: 'both suffer at the same times', disturbances: ['trouble'] },
  { name: 'one client goes wrong, every two minutes', disturbances: ['client'] },
  { name: 'retries', disturbances: ['retries'] },
  { name: 'bots', disturbances: ['bots'] },
];

/** The kinds that a template can tell from a fault after a blue-green switch: nothing shows that stable would fail as well. */
export const KINDS_AFTER_SWITCH = KINDS.filter(({ disturbances }) => !disturbances.includes('trouble'));

/** Faults of a canary, the gross faults first. */
export const FAULTS: readonly { readonly name: string; readonly fault: Fault; readonly isGross?: true }[] = [
  onRoute('a route of 10 % is lost (404)', '404', 1, 0.1, true),
  onRoute('a route of 10 %: half of its users get 401', '401', 0.5, 0.1, true),
  onRoute('a route of 10 %: all requests fail', 'failed', 1, 0.1, true),
  onRoute('a route of 5 % is lost (404)', '404', 1, 0.05, true),
  onRoute('a route of 5 %: half of its users get 401', '401', 0.5, 0.05),
  onRoute('a route of 5 %: all requests fail', 'failed', 1, 0.05, true),
  onRoute('a route of 5 %: half of its requests fail', 'failed', 0.5, 0.05),
  onRoute('a route of 5 %: all requests are slow', 'slow', 1, 0.05, true),
  onRoute('a route of 2 %: all requests fail', 'failed', 1, 0.02),
  onRoute('a route of 1 %: all requests fail', 'failed', 1, 0.01),
  { name: 'half of all requests fail', fault: { class: 'failed', share: 0.5 }, isGross: true },
  { name: '10 % of all requests fail', fault: { class: 'failed', share: 0.1 }, isGross: true },
  { name: '3 % of all requests fail', fault: { class: 'failed', share: 0.03 } },
  { name: '2 % of all requests fail', fault: { class: 'failed', share: 0.02 } },
  { name: '12 % of all requests are slow', fault: { class: 'slow', share: 0.12 } },
  {
    name: 'a middleware refuses half of all users (401)',
    fault: { class: '401', share: 0.5, unmatched: 'requests' },
    isGross: true,
  },
  {
    name: 'redirects without a route are lost (404)',
    fault: { class: '404', share: 1, unmatched: 'redirects' },
  },
];

/** Faults that pause a release, because clients could look the same. */
export const DOUBTFUL_FAULTS: readonly { readonly name: string; readonly fault: Fault }[] = [
  {
    name: 'a middleware refuses 10 % of all users (429)',
    fault: { class: '429', share: 0.1, unmatched: 'requests' },
  },
  {
    name: 'a route of 10 % passes its requests on (404)',
    fault: { class: '404', share: 1, ofTraffic: 0.1, unmatched: 'requests' },
  },
  { name: 'a route of 10 %: 10 % of its users get 401', fault: { class: '401', share: 0.1, ofTraffic: 0.1 } },
];

/** The part of its objective that a service may use up without a fault. */
export const USED = [0.5, 0.8, 1] as const;

/** Possible lengths of a step, in minutes. */
export const STEP_MINUTES = [4.5, 5.5, minutes(RULE.pace.step), 7.5, 9.5] as const;

const GOOD_RELEASES = 10_000;
const BAD_RELEASES = 500;
const SERVICE_OF_STEPS = SERVICES[3];

/** Good releases of each kind, by service. */
export function goodReleases(): readonly (readonly Experiment[])[] {
  return KINDS.map(({ disturbances }) =>
    SERVICES.map((service) => ({ setting: settingOf(service, { disturbances }), rule: RULE, releases: GOOD_RELEASES })),
  );
}

/** Good releases of each kind after the switch of a blue-green release, by service. */
export function goodSwitches(): readonly (readonly Experiment[])[] {
  return KINDS.map(({ disturbances }) =>
    SERVICES.map((service) => experiment(switchedSettingOf(service, { disturbances }), GOOD_RELEASES)),
  );
}

/** Good releases of services that use up their objective, by service. */
export function usedObjectives(): readonly (readonly Experiment[])[] {
  return USED.map((used) =>
    SERVICES.map((service) => experiment(settingOf(service, { used, isUsedUp: true }), GOOD_RELEASES / 5)),
  );
}

/** Bad releases of each fault, by service. */
export function badReleases(): readonly (readonly Experiment[])[] {
  return FAULTS.map(({ fault }) => SERVICES.map((service) => experiment(settingOf(service, { fault }), BAD_RELEASES)));
}

/** Releases of each fault that should pause, by service. */
export function doubtfulReleases(): readonly (readonly Experiment[])[] {
  return DOUBTFUL_FAULTS.map(({ fault }) =>
    SERVICES.map((service) => experiment(settingOf(service, { fault }), BAD_RELEASES)),
  );
}

/** Bad releases of each fault after the switch of a blue-green release, by service. */
export function badSwitches(): readonly (readonly Experiment[])[] {
  return FAULTS.map(({ fault }) =>
    SERVICES.map((service) => experiment(switchedSettingOf(service, { fault }), BAD_RELEASES)),
  );
}

/** Bad releases of each fault at 20 requests a second, by the length of the steps. */
export function stepLengths(): readonly (readonly Experiment[])[] {
  return FAULTS.map(({ fault }) =>
    STEP_MINUTES.map((length) => {
      const step = Math.round(length / minutes(1));
      const setting = settingOf(SERVICE_OF_STEPS, { fault, scrapesOfStep: step });
      return { setting, rule: { ...RULE, pace: { ...RULE.pace, step } }, releases: BAD_RELEASES };
    }),
  );
}

function experiment(setting: Setting, releases: number): Experiment {
  const rule = setting.isSwitched ? SWITCHED_RULE : RULE;
  return { setting, rule, releases: isBusy(setting) ? releases / 4 : releases };
}

function onRoute(name: string, kind: string, share: number, ofTraffic: number, isGross?: true) {
  return { name, fault: { class: kind, share, ofTraffic }, ...(isGross && { isGross }) };
}
