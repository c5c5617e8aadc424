import { topicFits } from "./bus.ts";
import type { BusMessage } from "./messages.ts";

/** Subscriptions, services and unanswered requests of one part at most. */
const LIMIT = 1_000;

/** How the router reaches a part. */
export interface Port {
  send(message: BusMessage): void;
}

/** One part's place at the router. */
export interface Attachment {
  receive(message: BusMessage): void;
  /** The part is gone: what it served is nobody's, what it was asked has no answer. */
  detach(): void;
}

interface Seat {
  port: Port;
  topics: Set<string>;
  services: Set<string>;
}

interface Call {
  from: Seat;
  id: number;
  to: Seat;
}

/** The middle of the bus: knows who is there, who listens to what and who waits for whom. Does no input or output. */
export function createRouter(): { attach(port: Port): Attachment } {
  const seats = new Set<Seat>();
  /** The first serves; the next takes over when it goes. */
  const servers = new Map<string, Seat[]>();
  const calls = new Map<number, Call>();
  let lastCall = 0;

  const tellAll = (service: string, there: boolean): void => {
    for (const seat of seats) seat.port.send({ op: "presence", service, there });
  };

  const serve = (seat: Seat, service: string): void => {
    if (seat.services.has(service) || seat.services.size >= LIMIT) return;
    seat.services.add(service);
    const waiting = servers.get(service);
    if (waiting) waiting.push(seat);
    else {
      servers.set(service, [seat]);
      tellAll(service, true);
    }
  };

  const unserve = (seat: Seat, service: string): void => {
    const line = servers.get(service);
    if (!line || !seat.services.delete(service)) return;
    const served = line[0] === seat;
    line.splice(line.indexOf(seat), 1);
    if (line.length === 0) servers.delete(service);
    if (!served) return;
    tellAll(service, false);
    if (line.length > 0) tellAll(service, true);
  };

  const request = (from: Seat, message: Extract<BusMessage, { op: "request" }>): void => {
    const { id, service } = message;
    const to = servers.get(service)?.[0];
    if (!to) {
      from.port.send({ op: "refusal", id, reason: "no-such-service", message: `nobody serves ${service}` });
      return;
    }
    if (calls.size >= LIMIT * 4) {
      from.port.send({ op: "refusal", id, reason: "refused", message: "too many requests wait for answers" });
      return;
    }
    lastCall += 1;
    calls.set(lastCall, { from, id, to });
    to.port.send({ ...message, id: lastCall });
  };

  const answer = (seat: Seat, message: Extract<BusMessage, { op: "answer" | "refusal" }>): void => {
    const call = calls.get(message.id);
    if (call?.to !== seat) return;
    calls.delete(message.id);
    call.from.port.send({ ...message, id: call.id });
  };

  const receive = (seat: Seat, message: BusMessage): void => {
    switch (message.op) {
      case "publish":
        for (const other of seats) {
          if (anyFits(other.topics, message.topic)) other.port.send(message);
        }
        return;
      case "subscribe":
        if (seat.topics.size < LIMIT) seat.topics.add(message.topic);
        return;
      case "unsubscribe":
        seat.topics.delete(message.topic);
        return;
      case "serve":
        serve(seat, message.service);
        return;
      case "unserve":
        unserve(seat, message.service);
        return;
      case "request":
        request(seat, message);
        return;
      case "answer":
      case "refusal":
        answer(seat, message);
        return;
      case "cancel":
        for (const [id, call] of calls) if (call.from === seat && call.id === message.id) calls.delete(id);
        return;
      case "presence":
        return;
    }
  };

  return {
    attach(port) {
      const seat: Seat = { port, topics: new Set(), services: new Set() };
      seats.add(seat);
      for (const service of servers.keys()) port.send({ op: "presence", service, there: true });
      return {
        receive: (message) => {
          if (seats.has(seat)) receive(seat, message);
        },
        detach() {
          if (!seats.delete(seat)) return;
          for (const service of [...seat.services]) unserve(seat, service);
          for (const [id, call] of calls) {
            if (call.from !== seat && call.to !== seat) continue;
            calls.delete(id);
            const message = "the part that was asked is gone";
            if (call.to === seat) call.from.port.send({ op: "refusal", id: call.id, reason: "part-gone", message });
          }
        },
      };
    },
  };
}

function anyFits(filters: Iterable<string>, topic: string): boolean {
  for (const filter of filters) if (topicFits(filter, topic)) return true;
  return false;
}
