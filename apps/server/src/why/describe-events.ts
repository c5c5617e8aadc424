import type { HearthOperations } from "@hearth/contract";

export type ListedEvent = HearthOperations["ListConnectionEvents"]["output"]["Events"][number];

/** Client ids, topics and reasons are strangers' words: a terminal must not obey them. */
export const harmless = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) as number).toString(16).padStart(4, "0")}`,
  );

const two = (number: number): string => String(number).padStart(2, "0");

/** Local time of day with its date, from epoch seconds. */
function localTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The events as lines for a person, newest last; where there are none, what to do next. */
export function describeEvents(
  events: readonly ListedEvent[],
  asked: { clientId?: string; certificate?: string },
): string {
  const { clientId, certificate } = asked;
  if (events.length === 0) return `${nothing(clientId, certificate)}\n`;
  const lines = events.flatMap((event) => [
    ...wrapped(headline(event), ""),
    ...wrapped(words(event.Reason), INDENT),
    ...wrapped(origin(event, clientId), INDENT),
  ]);
  return `${lines.join("\n")}\n`;
}

const WIDTH = 80;
const INDENT = "    ";

const words = (text: string): string[] => harmless(text).split(" ");

/** Lines of at most 80 columns, the later ones indented; what is longer by itself, such as a topic, stays whole. */
function wrapped(pieces: readonly string[], indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of pieces) {
    if (line === "") line = `${indent}${piece}`;
    else if (line.length + 1 + piece.length <= WIDTH) line += ` ${piece}`;
    else {
      lines.push(line);
      line = `${INDENT}${piece}`;
    }
  }
  return line === "" ? lines : [...lines, line];
}

function headline(event: ListedEvent): string[] {
  const { EventType, Status, Count, LastTimestamp, TopicName, Filter } = event;
  const topic = TopicName ?? Filter;
  const failed = Status === "Failure" ? "failed" : "ok";
  const times = Count > 1 ? [`(${Count} times, last at ${localTime(LastTimestamp)})`] : [];
  return [
    `${localTime(event.Timestamp)}  ${EventType.padEnd(16)} ${failed}`,
    ...(topic === undefined ? [] : [harmless(topic)]),
    ...times,
  ];
}

function origin({ ClientId, SourceIp, PrincipalId, Protocol, ReasonCode }: ListedEvent, asked?: string): string[] {
  const parts = [
    ClientId !== undefined && ClientId !== asked ? `client ${harmless(ClientId)}` : "",
    SourceIp === undefined ? "" : `from ${harmless(SourceIp)}`,
    PrincipalId === undefined ? "" : `principal ${harmless(PrincipalId)}`,
    Protocol ?? "",
    ReasonCode === undefined ? "" : `reason code 0x${ReasonCode.toString(16).padStart(2, "0")}`,
  ];
  const known = parts.filter((part) => part !== "");
  return known.map((part, index) => (index < known.length - 1 ? `${part},` : part));
}

function nothing(clientId: string | undefined, certificate: string | undefined): string {
  const since = "The log is in memory and begins anew with the server.";
  if (clientId !== undefined) {
    return [
      `Nothing is known of a client "${harmless(clientId)}".`,
      since,
      "No CONNECT with this client id has come: the device does not reach the server,",
      "or is refused before it can say who it is.",
      "`hearth why` lists who was refused lately;",
      "`hearth why --certificate <id>` finds a device by its certificate.",
    ].join("\n");
  }
  if (certificate !== undefined) {
    return [
      "Nothing is known of a certificate",
      `    ${harmless(certificate)}`,
      since,
      "The id is the SHA-256 of the certificate:",
      "    openssl x509 -in device.pem -outform der | sha256sum",
      "`hearth why` lists who was refused lately, also in the TLS handshake.",
    ].join("\n");
  }
  return [
    `Nobody was refused. ${since}`,
    "A device that does not connect has not reached the server:",
    "look at its host name, port and network.",
  ].join("\n");
}
