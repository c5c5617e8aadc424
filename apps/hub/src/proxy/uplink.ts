import { readFile } from "node:fs/promises";
import type { Clock, Logger } from "@hearth/base";
import { type BackOff, createMqttAgent } from "@hearth/device-sdk";
import type { KeyMaterial } from "../certificates/certificate-handler.ts";
import type { CloudSettings } from "../configuration/configuration.ts";
import type { Uplink } from "./proxy-service.ts";

export interface UplinkOptions {
  cloud: CloudSettings;
  certificate: string;
  key: KeyMaterial;
  clientId: string;
  clock: Clock;
  log: Logger;
  backOff?: BackOff;
}

/** The connection to the cloud: MQTT.js with a key in PEM, the AWS common runtime with one that stays in its token. */
export async function createUplink({ cloud, certificate, key, clientId, ...rest }: UplinkOptions): Promise<Uplink> {
  const ca = cloud.rootCaPath === undefined ? {} : { ca: await readFile(cloud.rootCaPath, "utf8") };
  const { host, port } = cloud;
  if ("pkcs11" in key) {
    const { createTokenUplink } = await import("./token-uplink.ts");
    return createTokenUplink({ host, port, ...ca, certificate, key: key.pkcs11, clientId, ...rest });
  }
  const connection = { host, port, ...ca, certificate, privateKey: key.pem, clientId };
  return createMqttAgent({ connection, ...rest });
}
