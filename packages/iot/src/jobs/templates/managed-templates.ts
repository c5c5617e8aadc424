import type { Iot } from "@hearth/contract";

/** What AWS offers of its own under these names; the words and documents are ours, in the shape that its device client runs. */
interface ManagedTemplate {
  templateName: string;
  description: string;
  parameters: readonly Iot.DocumentParameter[];
  document: string;
}

export const MANAGED_VERSION = "1.0";

const parameter = (key: string, description: string, example: string, optional = false): Iot.DocumentParameter => ({
  key,
  description,
  regex: "[^\\p{C}]+",
  example,
  optional,
});

const runAsUser = parameter("runAsUser", "The user of the device who runs the step", "user1", true);
const pathToHandler = parameter("pathToHandler", "Where the device keeps its handlers", "/home/user/handlers", true);
const services = parameter("services", "The applications, by their services' names, with commas", "nginx,agent");
const packages = parameter("packages", "The packages, with spaces between them", "wget curl");

const placeholder = (name: string): string => `$\{aws:iot:parameter:${name}}`;

const handler = (name: string, file: string, args: readonly string[], runs = true) => ({
  action: {
    name,
    type: "runHandler",
    input: { handler: file, args: args.map(placeholder), path: placeholder("pathToHandler") },
    ...(runs ? { runAsUser: placeholder("runAsUser") } : {}),
  },
});

const documentOf = (step: ReturnType<typeof handler> | Record<string, unknown>): string =>
  JSON.stringify({ version: MANAGED_VERSION, steps: [step] });

const withHandler = (
  templateName: string,
  description: string,
  file: string,
  parameters: readonly Iot.DocumentParameter[],
): ManagedTemplate => ({
  templateName,
  description,
  parameters: [...parameters, runAsUser, pathToHandler],
  document: documentOf(
    handler(
      templateName.slice("AWS-".length),
      file,
      parameters.map(({ key }) => key as string),
    ),
  ),
});

export const managedTemplates: readonly ManagedTemplate[] = [
  withHandler("AWS-Download-File", "Downloads a file to the device", "download-file.sh", [
    parameter("downloadUrl", "Where the file is; an S3 presigned URL's placeholder does", "https://example.com/file"),
    parameter("filePath", "Where the device puts it", "/home/user/file"),
  ]),
  withHandler("AWS-Install-Application", "Installs packages", "install-packages.sh", [packages]),
  withHandler("AWS-Reboot", "Starts the device anew", "reboot.sh", []),
  withHandler("AWS-Remove-Application", "Removes packages", "remove-packages.sh", [packages]),
  withHandler("AWS-Restart-Application", "Starts applications anew", "restart-services.sh", [services]),
  {
    templateName: "AWS-Run-Command",
    description: "Runs a command of the shell",
    parameters: [
      parameter("command", "The program and its arguments, with commas between them", "touch,/tmp/a"),
      runAsUser,
    ],
    document: documentOf({
      action: {
        name: "Run-Command",
        type: "runCommand",
        input: { command: placeholder("command") },
        runAsUser: placeholder("runAsUser"),
      },
    }),
  },
  withHandler("AWS-Start-Application", "Starts applications", "start-services.sh", [services]),
  withHandler("AWS-Stop-Application", "Stops applications", "stop-services.sh", [services]),
];

/** Managed templates belong to no account. */
export const managedTemplateArn = (region: string, { templateName }: Pick<ManagedTemplate, "templateName">): string =>
  `arn:aws:iot:${region}::jobtemplate/${templateName}:${MANAGED_VERSION}`;
