import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export type Version = 4 | 5;
export type Profile = "standard" | "aws";

/** Any JSON value. Inside a step it may be a pattern: see README.md. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Fields = { [name: string]: Json };

/** One thing that a connection or the world does, and what has to come of it. README.md describes each. */
export interface Step {
  /** The connection; its name is its client id unless CONNECT says otherwise. */
  on?: string;
  open?: true;
  version?: Version;
  connect?: Fields;
  connack?: Json;
  send?: Fields | Fields[];
  bytes?: Json;
  expect?: Fields | Fields[];
  contains?: string;
  subscribe?: Fields | Fields[];
  properties?: Json;
  granted?: Json;
  publish?: Fields;
  reason?: Json;
  quiet?: true;
  refused?: Json;
  rejected?: Json;
  closed?: true;
  drop?: true;
  advance?: number;
  still?: true;
  repeat?: Json;
  steps?: Step[];
}

export interface Case {
  id: string;
  /** Of the standard or of the reference; one for each version where their numbers differ. */
  clause: string | { v4: string; v5: string };
  title: string;
  versions: Version[];
  /** `<action> <resource>` that the identity may not do. */
  denied?: string[];
  steps: Step[];
  /** Why AWS's profile expects something else (reference 1.3, 1.5). */
  deviation?: string;
  /** What replaces `steps` under AWS's profile. */
  aws?: Step[];
}

export interface Chapter {
  file: string;
  cases: Case[];
}

const directory = fileURLToPath(new URL(".", import.meta.url));

/** The table: every JSON file beside this one, in the order of their names. */
export function readTable(): Chapter[] {
  const files = readdirSync(directory).filter((name) => name.endsWith(".json"));
  return files
    .sort()
    .map((file) => ({ file, cases: JSON.parse(readFileSync(`${directory}${file}`, "utf8")) as Case[] }));
}

export const clauseOf = ({ clause }: Case, version: Version): string =>
  typeof clause === "string" ? clause : version === 4 ? clause.v4 : clause.v5;

/** Whether a case expects something else of one profile than of the other. */
export const deviates = (one: Case): boolean =>
  one.aws !== undefined || JSON.stringify(one.steps).includes('{"standard":');
