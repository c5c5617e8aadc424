import type { ServiceModel, Shape, StructureShape } from "../../packages/contract/src/model.ts";

const BANNER = "// Written by `npm run generate`. Do not edit.\n";

/** The model as a JavaScript module, one operation or shape a line, so that a new SDK version reads well as a diff. */
export function emitModel(constant: string, model: ServiceModel): string {
  const { operations, shapes, ...header } = model;
  const lines = (entries: object) =>
    Object.entries(entries)
      .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
      .join(",\n");
  const head = JSON.stringify(header).slice(1, -1);
  return `${BANNER}export const ${constant} = {${head},\n"operations":{\n${lines(operations)}\n},\n"shapes":{\n${lines(shapes)}\n}};\n`;
}

export function emitModelDeclaration(constant: string): string {
  return `${BANNER}import type { ServiceModel } from "../model.ts";\nexport declare const ${constant}: ServiceModel;\n`;
}

/**
 * TypeScript types of all structures and enumerations, and the table of operations. Timestamps are numbers (seconds
 * since the epoch), blobs are Uint8Array, documents and JSON headers are unknown.
 */
export function emitTypes(operationsName: string, model: ServiceModel): string {
  const parts = [BANNER];
  if (streams(model)) parts.push('import type { ByteStream } from "../model.ts";\n');
  for (const [name, shape] of Object.entries(model.shapes)) {
    if (shape.type === "structure") parts.push(structureType(model, name, shape));
    else if (shape.type === "string" && shape.enum) {
      parts.push(`export type ${name} =\n${shape.enum.map((value) => `  | ${JSON.stringify(value)}`).join("\n")};\n`);
    }
  }
  parts.push(`export interface ${operationsName} {`);
  for (const [name, operation] of Object.entries(model.operations)) {
    parts.push(`  ${name}: { input: ${operation.input ?? "{}"}; output: ${operation.output ?? "{}"} };`);
  }
  parts.push("}\n");
  return parts.join("\n");
}

/** Only REST XML has its streaming blobs piece by piece. */
const streams = (model: ServiceModel): boolean => model.protocol === "rest-xml";

function structureType(model: ServiceModel, name: string, shape: StructureShape): string {
  const members = Object.entries(shape.members);
  // An error's own name is its type on the wire; its fields are what a ServiceError carries as members.
  if (members.length === 0) return `export interface ${name} {}\n`;
  const lines = members.map(([memberName, member]) => {
    const optional = shape.required?.includes(memberName) ? "" : "?";
    const type = member.jsonValue ? "unknown" : typeOf(model, member.shape);
    return `  ${propertyName(memberName)}${optional}: ${type};`;
  });
  return `export interface ${name} {\n${lines.join("\n")}\n}\n`;
}

function typeOf(model: ServiceModel, name: string): string {
  const shape: Shape | undefined = model.shapes[name];
  switch (shape?.type) {
    case "structure":
      return name;
    case "list": {
      const item = typeOf(model, shape.member);
      return `readonly ${/^[\w]+$/.test(item) ? item : `(${item})`}[]`;
    }
    case "map":
      return `{ readonly [key: string]: ${typeOf(model, shape.value)} }`;
    case "string":
      return shape.enum ? name : "string";
    case "boolean":
      return "boolean";
    case "blob":
      return shape.streaming && streams(model) ? "ByteStream" : "Uint8Array";
    case "document":
      return "unknown";
    case "integer":
    case "long":
    case "float":
    case "double":
    case "timestamp":
      return "number";
    default:
      throw new Error(`no shape ${name}`);
  }
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
