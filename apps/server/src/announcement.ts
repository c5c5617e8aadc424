import { relative } from "node:path";
import type { HearthFile } from "./hearth-file.ts";

/** What a person sees when the server has started: where things are, and a line that works when pasted. */
export function announcement(file: HearthFile, dataDir: string, notes: readonly string[]): string {
  const here = relative(process.cwd(), dataDir);
  const shown = here.startsWith("..") ? dataDir : `./${here}`;
  const rows: [string, string][] = [
    ["API", `${file.apiEndpoint}   (also ${file.httpsEndpoint})`],
    ["MQTT", `mqtts://${file.mqttHost}:${file.mqttsPort}   (by ALPN on ${file.tlsPort} too)`],
    ...(file.openMqttPort === undefined
      ? []
      : ([["OPEN MQTT", `mqtt://127.0.0.1:${file.openMqttPort}   NO TLS, NO AUTHENTICATION`]] as [string, string][])),
    ...Object.entries(file.listeners ?? {}).map(([name, url]): [string, string] => [`API ${name}`, url]),
    ["Callback", `${file.callbackUrl}   (redirect URI, for vendors' clouds)`],
    ["Root CA", file.caFile],
    ["Account", `${file.accountId} in ${file.region}`],
    ["Data", `${shown}   (hearth.json holds all of this, for scripts)`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    "",
    "Hearth is running.",
    "",
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    "",
    "Paste this to use the AWS CLI with it:",
    "",
    // Version 1 of the AWS CLI and boto3 do not read AWS_REGION.
    `  export AWS_ENDPOINT_URL=${file.apiEndpoint} AWS_REGION=${file.region} AWS_DEFAULT_REGION=${file.region}`,
    `  export AWS_ACCESS_KEY_ID=${file.accessKeyId}`,
    // The secret itself stays off the screen.
    `  export AWS_SECRET_ACCESS_KEY=$(node -p 'require(process.argv[1]).secretAccessKey' ${quoted(`${shown}/hearth.json`)})`,
    "  aws iot describe-endpoint --endpoint-type iot:Data-ATS",
    "",
    "Or watch a light come to life:  npx hearth demo",
    ...(notes.length > 0 ? ["", ...notes.map((note) => `Note: ${note}`)] : []),
    "",
  ].join("\n");
}

/** As one word of a POSIX shell. */
const quoted = (text: string): string =>
  /^[A-Za-z0-9_./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
