import { InternalError } from "@hearth/base";
import type { Member, ServiceModel } from "@hearth/contract";
import { isObject, shapeOf, structureOf, wireName } from "./json-values.ts";
import { readText, writeText } from "./scalars.ts";
import { element, escapeXml } from "./xml.ts";
import type { XmlElement } from "./xml-reader.ts";

type Members = readonly (readonly [string, Member])[];
type Values = Readonly<Record<string, unknown>>;

/** The members of a structure as elements, one after the other. */
export const writeMembers = (model: ServiceModel, members: Members, value: Values): string =>
  members.map(([name, member]) => writeXml(model, wireName(name, member), member.shape, value[name])).join("");

export const writeStructure = (model: ServiceModel, shapeName: string, value: Values): string =>
  writeMembers(model, Object.entries(structureOf(model, shapeName).members), value);

/** A value as an element; absent: nothing. */
export function writeXml(model: ServiceModel, name: string, shapeName: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  const shape = shapeOf(model, shapeName);
  switch (shape.type) {
    case "structure":
      if (!isObject(value)) throw new InternalError(`${model.service}: an output's ${shapeName} is not an object`);
      return element(name, writeStructure(model, shapeName, value));
    case "list": {
      if (!Array.isArray(value)) throw new InternalError(`${model.service}: an output's ${shapeName} is not an array`);
      const itemName = shape.flattened ? name : (shape.memberName ?? "member");
      const items = value.map((item) => writeXml(model, itemName, shape.member, item)).join("");
      return shape.flattened ? items : element(name, items);
    }
    case "map": {
      if (!isObject(value)) throw new InternalError(`${model.service}: an output's ${shapeName} is not an object`);
      const entries = Object.entries(value).map(([key, item]) =>
        element("entry", element("key", escapeXml(key)) + writeXml(model, "value", shape.value, item)),
      );
      return element(name, entries.join(""));
    }
    default:
      return element(name, escapeXml(writeText(shape, value, "iso8601")));
  }
}

/** The value of an element, unvalidated. Of members that come twice the first counts. */
export function readXml(model: ServiceModel, shapeName: string, given: XmlElement): unknown {
  const shape = shapeOf(model, shapeName);
  switch (shape.type) {
    case "structure": {
      const byName = new Map<string, XmlElement[]>();
      for (const child of given.children) {
        const same = byName.get(child.name);
        if (same) same.push(child);
        else byName.set(child.name, [child]);
      }
      const structure: Record<string, unknown> = {};
      for (const [name, member] of Object.entries(shape.members)) {
        const found = byName.get(wireName(name, member));
        if (!found) continue;
        const inner = shapeOf(model, member.shape);
        structure[name] =
          inner.type === "list" && inner.flattened
            ? found.map((item) => readXml(model, inner.member, item))
            : readXml(model, member.shape, found[0]!);
      }
      return structure;
    }
    case "list":
      return given.children.map((item) => readXml(model, shape.member, item));
    case "map": {
      const map: Record<string, unknown> = Object.create(null);
      for (const entry of given.children) {
        const key = entry.children.find(({ name }) => name === "key")?.text;
        const value = entry.children.find(({ name }) => name === "value");
        if (key !== undefined && value) map[key] = readXml(model, shape.value, value);
      }
      return map;
    }
    default:
      return readText(shape, given.text, "iso8601");
  }
}
