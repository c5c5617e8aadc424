import type { HubSettings, PartName } from "../part.ts";

/** The order in which parts begin (reference 10.3): each finds there what it asks for. */
export const START_ORDER: readonly PartName[] = [
  "Logger",
  "HubOnboarding",
  "MQTTProxy",
  "AceZigbee",
  "AceZwave",
  "AceCustom",
  "CDMB",
  "Agent",
  "LPW-Provisioner",
  "HubControl",
];

const CORE = "core";
/** Short names of the processes that a layout may name, besides those of the parts. */
const RADIOS: Readonly<Record<string, PartName>> = { zigbee: "AceZigbee", zwave: "AceZwave", custom: "AceCustom" };

/** Those that every hub has, whatever its radios. */
export const ALWAYS_THERE: readonly PartName[] = START_ORDER.filter((part) => !Object.values(RADIOS).includes(part));

/** What runs where: the parts of this process, and the processes that it starts, each of one part. */
export interface Layout {
  core: PartName[];
  children: { name: string; part: PartName }[];
}

/**
 * By default one process for each radio that there is and one, `core`, for the rest. A part whose process is not named
 * runs in `core`. Throws for a name that is none, and for a radio's process without the radio's port.
 */
export function layOut(processes: readonly string[] | undefined, settings: HubSettings): Layout {
  const wanted = START_ORDER.filter((part) => isWanted(part, settings));
  if (!processes) {
    const children = Object.entries(RADIOS).flatMap(([name, part]) => (wanted.includes(part) ? [{ name, part }] : []));
    return { core: wanted.filter((part) => !children.some((child) => child.part === part)), children };
  }
  const children: Layout["children"] = [];
  for (const name of new Set(processes)) {
    if (name === CORE) continue;
    const part = Object.hasOwn(RADIOS, name) ? RADIOS[name] : START_ORDER.find((one) => one === name);
    if (!part) {
      throw new Error(
        `--layout: there is no process ${name}; there are ${[CORE, ...Object.keys(RADIOS)].join(", ")} and the parts' names`,
      );
    }
    if (!wanted.includes(part)) {
      throw new Error(
        `--layout names ${name}, but nothing says how ${part} is reached: see --zigbee, --zwave and --custom`,
      );
    }
    if (!children.some((child) => child.part === part)) children.push({ name, part });
  }
  return { core: wanted.filter((part) => !children.some((child) => child.part === part)), children };
}

/** A radio's part runs where the radio is. */
export function isWanted(part: PartName, settings: HubSettings): boolean {
  if (part === "AceZigbee") return settings.zigbee !== undefined;
  if (part === "AceZwave") return settings.zwave !== undefined;
  if (part === "AceCustom") return settings.customPlugins.length > 0;
  return true;
}
