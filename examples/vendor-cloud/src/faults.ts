import { Refusal } from "./http.ts";

/** For how many requests a fault lasts; true: until it is taken back. */
export type Times = number | true;

/** What may be made to go wrong; what is absent works. */
export interface Faults {
  /** Token requests that are never answered. */
  tokenHangs?: Times;
  /** Token requests that are answered with a page of HTML and 200. */
  tokenHtml?: Times;
  /** Token requests that are answered with this status and `{"error":"server_error"}`. */
  tokenErrors?: { status: number; times: Times };
  /** Token answers without `expires_in`. */
  tokenWithoutExpiry?: Times;
  /** Token answers without `refresh_token`. */
  tokenWithoutRefreshToken?: Times;
  /** Revocations that are answered with this status, and revoke nothing. */
  revocationErrors?: { status: number; times: Times };
  /** Milliseconds that every API request waits; at most 60,000. */
  apiDelay?: number;
  /** API requests that are answered with this status, such as 401, 429 (with `retry-after: 1`), 500. */
  apiErrors?: { status: number; times: Times };
  /** API requests that are answered with a page of HTML and 200. */
  apiHtml?: Times;
  /** Every event is pushed twice, with the same id. */
  duplicatePushes?: boolean;
  /** This page of the list of devices comes twice in a row. */
  repeatPage?: number;
}

type Countable = Exclude<keyof Faults, "apiDelay" | "duplicatePushes" | "repeatPage">;

const isTimes = (value: unknown): boolean => value === true || (Number.isSafeInteger(value) && (value as number) >= 1);
const isErrors = (value: unknown): boolean => {
  const { status, times, ...rest } = (value ?? {}) as { status?: unknown; times?: unknown };
  const known = Number.isInteger(status) && (status as number) >= 400 && (status as number) <= 599;
  return known && isTimes(times) && Object.keys(rest).length === 0;
};
const isWithin = (from: number, to: number) => (value: unknown) =>
  Number.isInteger(value) && (value as number) >= from && (value as number) <= to;

const CHECKS: Record<keyof Faults, { holds: (value: unknown) => boolean; is: string }> = {
  tokenHangs: { holds: isTimes, is: "a number of requests, or true" },
  tokenHtml: { holds: isTimes, is: "a number of requests, or true" },
  tokenErrors: { holds: isErrors, is: '{"status": 400-599, "times": a number of requests, or true}' },
  tokenWithoutExpiry: { holds: isTimes, is: "a number of requests, or true" },
  tokenWithoutRefreshToken: { holds: isTimes, is: "a number of requests, or true" },
  revocationErrors: { holds: isErrors, is: '{"status": 400-599, "times": a number of requests, or true}' },
  apiDelay: { holds: isWithin(0, 60_000), is: "0 to 60000 milliseconds" },
  apiErrors: { holds: isErrors, is: '{"status": 400-599, "times": a number of requests, or true}' },
  apiHtml: { holds: isTimes, is: "a number of requests, or true" },
  duplicatePushes: { holds: (value) => typeof value === "boolean", is: "true or false" },
  repeatPage: { holds: isWithin(1, 1_000), is: "the number of a page, from 1 to 1000" },
};

export type FaultSwitches = ReturnType<typeof createFaultSwitches>;

/** The faults that are on at present. */
export function createFaultSwitches() {
  let current: Faults = {};

  /** Whether the fault hits this request, which then counts. */
  const hits = (name: Countable): boolean => {
    const fault = current[name];
    if (fault === undefined) return false;
    const left = typeof fault === "object" ? fault.times : fault;
    if (left !== true) {
      const next = left - 1;
      if (next < 1) delete current[name];
      else if (typeof fault === "object") fault.times = next;
      else Object.assign(current, { [name]: next });
    }
    return true;
  };

  return {
    get: (): Faults => structuredClone(current),
    /** Switches on what is named beside what is on already; throws a 400, and changes nothing, for what is unknown. */
    add(faults: Faults): void {
      for (const [name, value] of Object.entries(faults)) {
        const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof Faults] : undefined;
        if (!check)
          throw new Refusal(400, "unknown_fault", `unknown fault; there are ${Object.keys(CHECKS).join(", ")}`);
        if (!check.holds(value)) throw new Refusal(400, "bad_fault", `${name} is ${check.is}`);
      }
      current = { ...current, ...structuredClone(faults) };
    },
    clear(): void {
      current = {};
    },
    hits,
    /** The status to answer with, if the fault hits this request. */
    status(name: "tokenErrors" | "revocationErrors" | "apiErrors"): number | undefined {
      const status = current[name]?.status;
      return hits(name) ? status : undefined;
    },
  };
}

export const FAULTY_PAGE = "<!doctype html><title>Maintenance</title><p>We will be back soon.</p>";
