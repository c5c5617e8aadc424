import type { Clock } from "@hearth/base";
import { octets } from "../octets.ts";
import type { AttributeSpec, ClusterSpec, CommandSpec, Effect, GeneratedSpec } from "./cluster.ts";
import { type ZclTypeName, type ZclValue, zclTypeOf, zclTypes } from "./data-types.ts";
import { evaluate, type Scope } from "./expressions.ts";
import { encodeZcl, type ZclFrame, ZclStatus } from "./frame.ts";
import { Reporting } from "./reporting.ts";

/** To whom a cluster is bound, or one address. */
export type Destination = "bound" | { address: string };

export interface ClusterDeps {
  clock: Clock;
  nextSequence(): number;
  send(cluster: number, frame: Buffer, to: Destination): void;
  /** Another cluster of the same endpoint. */
  sibling(name: string): ClusterServer | undefined;
  /** A value, a binding or a configuration changed that must outlive the device's power. */
  changed(): void;
}

export interface CommandOutcome {
  status: number;
  answer?: { command: number; payload: Buffer };
}

/** Global attribute of every cluster (ZCL 2.3.4). */
const CLUSTER_REVISION: AttributeSpec = { id: 0xfffd, name: "clusterRevision", type: "uint16", value: 1 };
/** Effects set off effects; a catalogue that goes in circles is stopped here. */
const MAX_DEPTH = 16;

/** A cluster of a virtual device that runs: its values, and what its data says that commands do to them. */
export class ClusterServer {
  readonly spec: ClusterSpec;
  readonly attributes: readonly AttributeSpec[];
  readonly reporting: Reporting;
  readonly #deps: ClusterDeps;
  readonly #values = new Map<number, ZclValue>();
  readonly #timers = new Map<number, () => void>();
  #depth = 0;

  constructor(spec: ClusterSpec, deps: ClusterDeps) {
    this.spec = spec;
    this.attributes = [...spec.attributes, CLUSTER_REVISION];
    this.#deps = deps;
    for (const attribute of this.attributes) this.#values.set(attribute.id, attribute.value);
    this.reporting = new Reporting({
      clock: deps.clock,
      value: (attribute) => this.value(attribute),
      report: (attributes) => this.#report(attributes),
    });
  }

  value(id: number): ZclValue {
    const value = this.#values.get(id);
    if (value === undefined) throw new RangeError(`${this.spec.name} has no attribute ${id}`);
    return value;
  }

  attribute(nameOrId: string): AttributeSpec | undefined {
    const id = Number(nameOrId);
    const name = nameOrId.toLowerCase();
    return this.attributes.find((attribute) => attribute.name.toLowerCase() === name || attribute.id === id);
  }

  /** An attribute that can be asked for over the air. */
  visible(id: number): AttributeSpec | undefined {
    return this.attributes.find((attribute) => attribute.id === id && attribute.hidden !== true);
  }

  /** Sets a value with all that follows from it; reports wait for `settle`. */
  set(attribute: AttributeSpec, value: ZclValue): void {
    if (this.#values.get(attribute.id) === value) return;
    this.#values.set(attribute.id, value);
    this.reporting.changed(attribute.id);
    this.#deps.changed();
    this.run(attribute.onChange ?? [], noFields);
    this.#keepTime();
  }

  /** Reports what is due. */
  settle(): void {
    this.reporting.flush();
  }

  execute(command: CommandSpec, payload: Buffer): CommandOutcome {
    const rounds = decodeRounds(command, payload);
    if (!rounds) return { status: ZclStatus.MALFORMED_COMMAND };
    for (const fields of rounds) {
      const refused = command.refuse?.find(({ when }) => evaluate(this.#scope(fields), when));
      if (refused) return { status: refused.status };
    }
    for (const fields of rounds) this.run(command.does ?? [], fields);
    const answer = this.spec.generated?.find(({ name }) => name === command.answer);
    if (!answer) return { status: ZclStatus.SUCCESS };
    return {
      status: ZclStatus.SUCCESS,
      answer: { command: answer.id, payload: this.#fill(answer, rounds[0] ?? noFields) },
    };
  }

  run(effects: readonly Effect[], fields: ReadonlyMap<string, ZclValue>): void {
    if (this.#depth >= MAX_DEPTH)
      throw new RangeError(`the effects of ${this.spec.name} set each other off without end`);
    this.#depth += 1;
    try {
      for (const effect of effects) {
        const scope = this.#scope(fields);
        if (effect.when !== undefined && !evaluate(scope, effect.when)) continue;
        if ("set" in effect) {
          const [server, attribute] = this.#resolve(effect.set);
          server.set(attribute, ofType(attribute.type, evaluate(scope, effect.to)));
        } else this.#generate(effect.send, fields);
      }
    } finally {
      this.#depth -= 1;
    }
  }

  /** As it left the factory. */
  reset(): void {
    this.stop();
    this.reporting.clear();
    for (const attribute of this.attributes) this.#values.set(attribute.id, attribute.value);
  }

  /** Ends its timers. */
  stop(): void {
    this.reporting.stop();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** What a store keeps. */
  content(): [id: number, ZclValue][] {
    return [...this.#values].filter(([id]) => id !== CLUSTER_REVISION.id);
  }

  restore(content: readonly (readonly [id: number, ZclValue])[]): void {
    for (const [id, value] of content) if (this.#values.has(id)) this.#values.set(id, value);
    this.#keepTime();
  }

  #resolve(path: string): [ClusterServer, AttributeSpec] {
    const [first = "", second] = path.split("/");
    const server = second === undefined ? this : this.#deps.sibling(first);
    const attribute = server?.attribute(second ?? first);
    if (!server || !attribute) throw new RangeError(`${this.spec.name} names ${path}, which the device does not have`);
    return [server, attribute];
  }

  #scope(fields: ReadonlyMap<string, ZclValue>): Scope {
    return {
      attribute: (path) => {
        const [server, attribute] = this.#resolve(path);
        return server.value(attribute.id);
      },
      field: (name) => fields.get(name) ?? 0,
    };
  }

  #generate(name: string, fields: ReadonlyMap<string, ZclValue>): void {
    const generated = this.spec.generated?.find((other) => other.name === name);
    if (!generated) throw new RangeError(`${this.spec.name} names the command ${name}, which it does not generate`);
    this.#send(
      { specific: true, command: generated.id, payload: this.#fill(generated, fields), noDefaultResponse: false },
      generated.to === undefined ? "bound" : { address: String(this.value(this.#resolve(generated.to.address)[1].id)) },
    );
  }

  #fill(generated: GeneratedSpec, fields: ReadonlyMap<string, ZclValue>): Buffer {
    const scope = this.#scope(fields);
    return octets(...generated.fields.map(([, type, value]) => zclTypes[type].encode(evaluate(scope, value))));
  }

  #report(attributes: number[]): void {
    const records = attributes.flatMap((id) => {
      const attribute = this.visible(id);
      return attribute ? [encodeRecord(id, attribute.type, this.value(id))] : [];
    });
    this.#send({ specific: false, command: 0x0a, payload: octets(...records), noDefaultResponse: true }, "bound");
  }

  #send(frame: Pick<ZclFrame, "specific" | "command" | "payload" | "noDefaultResponse">, to: Destination): void {
    const { nextSequence, send } = this.#deps;
    send(this.spec.id, encodeZcl({ ...frame, fromServer: true, sequence: nextSequence() }), to);
  }

  /** Starts the timers whose condition has come true. */
  #keepTime(): void {
    for (const [index, timer] of (this.spec.timers ?? []).entries()) {
      if (!evaluate(this.#scope(noFields), timer.while)) {
        this.#timers.get(index)?.();
        this.#timers.delete(index);
      } else if (!this.#timers.has(index)) {
        const tick = () => {
          this.#timers.delete(index);
          this.run(timer.does, noFields);
          this.#keepTime();
          this.settle();
        };
        this.#timers.set(index, this.#deps.clock.after(timer.every * 1000, tick));
      }
    }
  }
}

const noFields: ReadonlyMap<string, ZclValue> = new Map();

/** Id, type and value, as reports and answers to reads carry them. */
export const encodeRecord = (id: number, type: ZclTypeName, value: ZclValue): Buffer =>
  octets(id & 0xff, id >> 8, zclTypes[type].id, zclTypes[type].encode(value));

/** As its type holds it: a sum that left the range of its type comes back into it. */
function ofType(type: ZclTypeName, value: ZclValue): ZclValue {
  return zclTypes[type].decode(zclTypes[type].encode(value), 0)?.value ?? value;
}

/** The fields of each round; `undefined` where the frame ends within one. */
function decodeRounds(command: CommandSpec, payload: Buffer): Map<string, ZclValue>[] | undefined {
  const rounds: Map<string, ZclValue>[] = [];
  let at = 0;
  do {
    const fields = new Map<string, ZclValue>();
    for (const [name, type] of command.fields ?? []) {
      const optional = type.endsWith("?");
      const codec =
        type === "typed" ? zclTypeOf(payload[at++] ?? 0xff) : zclTypes[type.replace("?", "") as ZclTypeName];
      const decoded = codec?.decode(payload, at);
      if (!decoded) {
        if (optional && at >= payload.length) continue;
        return undefined;
      }
      fields.set(name, decoded.value);
      at += decoded.length;
    }
    rounds.push(fields);
  } while (command.repeats === true && at < payload.length);
  return rounds;
}
