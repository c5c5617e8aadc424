import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { ClientNode } from "@matter/main/node";
import type { Commissionable, MatterController } from "./controller.ts";
import { readSetupCode, type SetupCode } from "./setup-code.ts";

/** One look for devices; between two of them a pause that grows while only labels wait. */
const LOOK_SECONDS = 5;
const SHORTEST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;
/** So long a device may take to be taken in, once it has been found. */
const COMMISSIONING = 120_000;
/** A device counts the wrong passcodes, and closes after twenty (Matter 1.4, 5.5). */
const MOST_FAILURES = 3;

/** A device that may come: that of a label, or of the code that a person gave to a search. */
interface Awaited {
  code: SetupCode;
  /** The label's text; undefined for a search. */
  material: string | undefined;
}

/** Lets devices in whose code is known, one at a time. */
export function createJoining(deps: {
  controller: Pick<MatterController, "find" | "commission">;
  clock: Clock;
  log: Logger;
  /** Durably, before the device is asked: under which id it comes, and by which label. */
  begin: (material: string | undefined) => Promise<bigint>;
  joined: (nodeId: bigint, node: ClientNode) => Promise<void>;
  failed: (nodeId: bigint, reason: string) => Promise<void>;
  /** Its commissioning took too long, and ended well when nobody waited any more. */
  stray: (node: ClientNode) => void;
}) {
  const { controller, clock, log } = deps;
  let labels: Awaited[] = [];
  let search: (Awaited & { until: number }) | undefined;
  const failures = new Map<string, number>();
  let pause = SHORTEST_PAUSE;
  let wake: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;

  const awaited = (): Awaited[] => {
    if (search && clock.now() >= search.until) search = undefined;
    return [...(search ? [search] : []), ...labels];
  };

  const keyOf = ({ code }: Awaited, { id }: Commissionable): string => `${code.passcode} ${id}`;

  const isOf = ({ longDiscriminator, shortDiscriminator }: SetupCode, { discriminator }: Commissionable): boolean =>
    longDiscriminator !== undefined ? discriminator === longDiscriminator : discriminator >> 8 === shortDiscriminator;

  const whose = (device: Commissionable): Awaited | undefined =>
    awaited().find((one) => isOf(one.code, device) && (failures.get(keyOf(one, device)) ?? 0) < MOST_FAILURES);

  function inTime(work: Promise<ClientNode>): Promise<ClientNode> {
    let isOver = false;
    return new Promise((resolve, reject) => {
      const cancel = clock.after(COMMISSIONING, () => {
        isOver = true;
        reject(new Error(`the device was not commissioned within ${COMMISSIONING / 1000} s`));
      });
      work.then((node) => (isOver ? deps.stray(node) : resolve(node)), reject).finally(cancel);
    });
  }

  async function letIn(one: Awaited, device: Commissionable): Promise<void> {
    const nodeId = await deps.begin(one.material);
    try {
      const node = await inTime(controller.commission(device.id, one.code, nodeId));
      if (search === one) search = undefined;
      labels = labels.filter((label) => label !== one);
      await deps.joined(nodeId, node);
    } catch (error) {
      const key = keyOf(one, device);
      failures.set(key, (failures.get(key) ?? 0) + 1);
      // Whoever searches opens again, if it is worth it.
      if (search === one) search = undefined;
      await deps.failed(nodeId, messageOf(error));
    }
  }

  async function run(): Promise<void> {
    while (!stopped && awaited().length > 0) {
      try {
        const found = await controller.find((device) => whose(device) !== undefined, LOOK_SECONDS);
        const one = found && whose(found);
        if (found && one && !stopped) {
          pause = SHORTEST_PAUSE;
          await letIn(one, found);
        }
      } catch (error) {
        log.warn({ error: messageOf(error) }, "the search for Matter devices failed; it is tried again");
      }
      if (stopped || awaited().length === 0) break;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(search ? SHORTEST_PAUSE : pause, resolve);
        wake = () => {
          cancel();
          resolve();
        };
      });
      wake = undefined;
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  function go(): void {
    pause = SHORTEST_PAUSE;
    wake?.();
    if (running || stopped || awaited().length === 0) return;
    running = run().finally(() => {
      running = undefined;
      // Somebody came in the moment of its end.
      if (!stopped && awaited().length > 0) go();
    });
  }

  return {
    /** A person's search for one device. */
    search(code: SetupCode, seconds: number): void {
      search = { code, material: undefined, until: clock.now() + seconds * 1000 };
      go();
    },
    endSearch(): void {
      search = undefined;
    },
    /** The whole list of labels; answers why some are no use. */
    await(materials: readonly string[]): Map<string, string> {
      const problems = new Map<string, string>();
      const known = new Map(labels.map((label) => [label.material, label]));
      labels = materials.flatMap((material) => {
        const code = readSetupCode(material);
        if ("problem" in code) problems.set(material, code.problem);
        return "problem" in code ? [] : [known.get(material) ?? { code, material }];
      });
      go();
      return problems;
    },
    async stop(): Promise<void> {
      stopped = true;
      wake?.();
    },
  };
}
