import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomHex } from "@hearth/base";
import type { HearthFile } from "../../hearth-file.ts";
import { type Program, startProgram, typeScript } from "../program.ts";
import { inRoot, plainEnvironment, startServerProgram } from "../server-program.ts";
import { makeVendorCertificate } from "./vendor-certificate.ts";

/** A server of the demo's own, and the vendor's cloud, each in a process of its own. */
export interface Stage {
  file: HearthFile;
  /** PEM of the server's root. */
  serverCa: string;
  vendor: {
    url: string;
    authorizationUrl: string;
    tokenUrl: string;
    /** For the operator: plain HTTP on 127.0.0.1. */
    adminUrl: string;
    partner: { id: string; secret: string };
    user: { username: string; password: string };
    /** PEM, and its file. */
    ca: string;
    caFile: string;
    /** What it has been asked, a line each. */
    log: Program;
  };
}

/** @param started told of each process at once, so that somebody stops it whatever happens next */
export async function setStage(directory: string, started: (program: Program) => void): Promise<Stage> {
  const { certificate, privateKey } = await makeVendorCertificate();
  const [caFile, keyFile, configFile] = ["vendor.pem", "vendor.key", "vendor.json"].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  writeFileSync(caFile, certificate);
  writeFileSync(keyFile, privateKey, { mode: 0o600 });

  const file = await startServerProgram(directory, started, {
    ...{ HEARTH_OUTBOUND_ALLOW: "127.0.0.1", HEARTH_OUTBOUND_CA: caFile },
    // The two connectors are ours: without root they run under this user.
    HEARTH_FUNCTIONS: process.getuid?.() === 0 ? "protected" : "unprotected",
  });

  const partner = { id: "hearth", secret: randomHex(24) };
  const user = { username: "alice", password: randomHex(8) };
  const configuration = {
    users: [{ name: user.username, password: user.password, devices: { lamps: 2, fans: 1, cameras: 1 } }],
    clients: [{ ...partner, name: "Hearth", redirectUris: [file.callbackUrl] }],
  };
  writeFileSync(configFile, JSON.stringify(configuration), { mode: 0o600 });
  const log = startProgram(
    "the vendor's cloud",
    typeScript(
      ...[inRoot("examples/vendor-cloud/src/main.ts"), "--key", keyFile, "--cert", caFile, "--config", configFile],
      ...["--port", "0", "--admin-port", "0", "--log"],
    ),
    plainEnvironment(),
  );
  started(log);
  const [, ready = ""] = await log.said(/^(\{"event":"ready".*\})$/m);
  const urls = JSON.parse(ready) as { url: string; authorizationUrl: string; tokenUrl: string; adminUrl: string };
  return {
    file,
    serverCa: readFileSync(file.caFile, "utf8"),
    vendor: { ...urls, partner, user, ca: certificate, caFile, log },
  };
}

/** One of the connectors of examples/, as its own programs build it and forward events to it. */
export interface Connector {
  /** `TypeScript` */
  language: string;
  functionName: string;
  build: readonly string[];
  forwarder: readonly string[];
}

export const CONNECTORS: readonly Connector[] = [
  {
    language: "TypeScript",
    functionName: "lamp-connector",
    build: typeScript(inRoot("examples/lamp-connector/build.ts")),
    forwarder: typeScript(inRoot("examples/lamp-connector/src/forward.ts")),
  },
  {
    language: "Python",
    functionName: "lamp-connector-python",
    build: ["python3", inRoot("examples/lamp-connector-python/build.py")],
    forwarder: ["python3", inRoot("examples/lamp-connector-python/forwarder.py")],
  },
];

/** What is deployed as a function. */
export interface Built extends Connector {
  zip: string;
  runtime: string;
  handler: string;
}

export async function buildConnector(
  connector: Connector,
  directory: string,
  started: (program: Program) => void,
): Promise<Built> {
  const { language, functionName, build } = connector;
  const command = [...build, "--out", join(directory, functionName)];
  const building = startProgram(`the build of the connector in ${language}`, command, plainEnvironment());
  started(building);
  const [, json = ""] = await building.said(/^(\{"code".*\})$/m);
  return { ...connector, ...(JSON.parse(json) as Pick<Built, "zip" | "handler" | "runtime">) };
}

/** The forwarder: from the vendor's event stream to the platform. Resolves when it is about to connect. */
export async function startForwarder(
  { file, vendor }: Stage,
  { language, forwarder: command }: Connector,
  functionArn: string,
  started: (program: Program) => void,
): Promise<Program> {
  const forwarder = startProgram(`the forwarder in ${language}`, command, {
    ...plainEnvironment(),
    CONNECTOR_FUNCTION_ARN: functionArn,
    ...{ VENDOR_URL: vendor.url, VENDOR_CA: vendor.caFile },
    ...{ VENDOR_CLIENT_ID: vendor.partner.id, VENDOR_CLIENT_SECRET: vendor.partner.secret },
    ...{ AWS_ENDPOINT_URL: file.apiEndpoint, AWS_REGION: file.region },
    ...{ AWS_ACCESS_KEY_ID: file.accessKeyId, AWS_SECRET_ACCESS_KEY: file.secretAccessKey },
  });
  started(forwarder);
  await forwarder.said(/"event": ?"connect/);
  return forwarder;
}
