import { createPrivateKey, X509Certificate } from "node:crypto";
import { basename, dirname, isAbsolute, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Clock, messageOf } from "@hearth/base";
import { type Configuration, ConfigurationError, SECURE_STORAGE } from "../configuration/configuration.ts";
import type { Files } from "../state/json-file.ts";
import { PKCS11 } from "./built-in.ts";
import type { CertificateHandler, CreateCertificateHandler } from "./certificate-handler.ts";
import { createFileCertificateHandler } from "./file-handler.ts";

/** Milliseconds that a plug-in may take for anything: a token may be slow, but no hub waits for ever. */
const PLUGIN_TIME = 30_000;
const MAX_PEM = 65_536;

export interface HandlerOptions {
  configuration: Configuration;
  /** `settings.certificateHandler`. */
  module: string | undefined;
  clock: Clock;
  files?: Files;
}

/** Where the permanent pair is; what the configuration's `rw` says of it. */
export interface PermanentPaths {
  certificatePath: string;
  keyPath: string;
}

/** `/data/aws/iotmi/iot_cert.pem` for `/data/aws/iotmi/config/iotmi_config.json`; beside a file that is elsewhere. */
export function permanentPaths({ cloud, path, json }: Configuration): PermanentPaths {
  if (cloud.claimKeyPath === SECURE_STORAGE) return { certificatePath: SECURE_STORAGE, keyPath: SECURE_STORAGE };
  const beside = dirname(path);
  const directory = basename(beside) === "config" ? dirname(beside) : beside;
  const stored = (key: string, name: string) => {
    const known = json.rw[key];
    return typeof known === "string" && isAbsolute(known) ? known : join(directory, name);
  };
  return {
    certificatePath: stored("iot_permanent_cert_path", "iot_cert.pem"),
    keyPath: stored("iot_permanent_pk_path", "iot_pk.pem"),
  };
}

/**
 * The files that the configuration names, or with SECURE_STORAGE what the plug-in module makes (reference 10.7), whose
 * every call has a time limit and whose answers are looked at. Throws ConfigurationError, naming the module.
 */
export async function openCertificateHandler(options: HandlerOptions): Promise<CertificateHandler> {
  const { configuration, module, clock, files } = options;
  const { cloud, path } = configuration;
  if (cloud.claimKeyPath !== SECURE_STORAGE) {
    return createFileCertificateHandler({ ...cloud, ...permanentPaths(configuration) }, files);
  }
  if (!module) {
    throw new ConfigurationError(
      `${path}: ro says ${SECURE_STORAGE}, but no certificate handler is named: give --certificate-handler <module>`,
    );
  }
  const bounded = <T>(what: string, answer: Promise<T>) =>
    within(clock, `the certificate handler ${module}`, what, answer);
  let create: unknown;
  try {
    create = (await bounded("being loaded", load(module))).createCertificateHandler;
  } catch (error) {
    throw new ConfigurationError(`the certificate handler ${module} cannot be loaded: ${messageOf(error)}`);
  }
  if (typeof create !== "function") {
    throw new ConfigurationError(`the certificate handler ${module} does not export createCertificateHandler`);
  }
  const settings = { directory: dirname(path), configuration: structuredClone(configuration.json) };
  const handler = await bounded(
    "createCertificateHandler",
    Promise.resolve().then(() => (create as CreateCertificateHandler)(settings)),
  );
  if (typeof handler?.read !== "function") throw new ConfigurationError(`${module} gave no handler`);
  return checked(handler, bounded);
}

async function load(module: string): Promise<Record<string, unknown>> {
  if (module === PKCS11) return { ...(await import("./pkcs11/pkcs11-handler.ts")) };
  return await import(isAbsolute(module) || module.startsWith(".") ? pathToFileURL(module).href : module);
}

function checked(
  handler: CertificateHandler,
  bounded: <T>(what: string, answer: Promise<T>) => Promise<T>,
): CertificateHandler {
  // Through Promise.resolve().then, so that what throws at once is a rejection as well.
  const ask = <T>(what: string, run: () => Promise<T>) => bounded(what, Promise.resolve().then(run));
  return {
    async read(type) {
      const pair = await ask(`read(${type})`, () => handler.read(type));
      if (pair === undefined) return undefined;
      if (!isCertificate(pair.certificate)) throw new Error(`read(${type}) gave no certificate in PEM`);
      const key: Partial<Record<"pem" | "pkcs11", unknown>> | undefined = pair.key;
      if (key?.pkcs11 === undefined && !isPrivateKey(key?.pem)) {
        throw new Error(`read(${type}) gave no private key`);
      }
      return pair;
    },
    ...(handler.csr
      ? {
          csr: (commonName) =>
            ask("csr", async () => {
              const request = await handler.csr?.(commonName);
              if (typeof request !== "string" || request.length > MAX_PEM)
                throw new Error("csr gave no request in PEM");
              return request;
            }),
        }
      : {}),
    writePermanent: (certificate, key) => ask("writePermanent", () => handler.writePermanent(certificate, key)),
    erasePermanent: () => ask("erasePermanent", () => handler.erasePermanent()),
  };
}

function isCertificate(pem: unknown): boolean {
  try {
    return typeof pem === "string" && pem.length <= MAX_PEM && new X509Certificate(pem) instanceof X509Certificate;
  } catch {
    return false;
  }
}

function isPrivateKey(pem: unknown): boolean {
  try {
    return typeof pem === "string" && pem.length <= MAX_PEM && createPrivateKey(pem).type === "private";
  } catch {
    return false;
  }
}

function within<T>(clock: Clock, who: string, what: string, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(PLUGIN_TIME, () => {
      reject(new Error(`${who} did not finish within ${PLUGIN_TIME / 1000} s: ${what}`));
    });
    answer.then(resolve, (error) => reject(new Error(`${who}: ${what}: ${messageOf(error)}`))).finally(cancel);
  });
}
