import { bucketOfHost, type Operation, ServiceError, type ServiceModel } from "@hearth/contract";
import type { RequestHead } from "../receive.ts";
import { structureOf, wireName } from "./json-values.ts";
import type { Match } from "./protocol.ts";
import { decodePercent, parseQueryString } from "./query-string.ts";

/**
 * S3's operations share few paths: what is asked of a bucket or a key, the query and the headers tell. Of the
 * operations whose every requirement a request meets it means the one with the most.
 */
interface Route {
  name: string;
  operation: Operation;
  /** Query parameters, with the value where it counts. */
  query: readonly (readonly [name: string, value: string | undefined])[];
  /** Names in lower case. */
  headers: readonly string[];
}

/** Clients of some languages name the operation so, others do not: it decides only where nothing else does. */
const NAMED = "x-id";

type Place = "/" | "bucket" | "key";

const tables = new WeakMap<ServiceModel, ReadonlyMap<string, readonly Route[]>>();

function routesOf(model: ServiceModel): ReadonlyMap<string, readonly Route[]> {
  const known = tables.get(model);
  if (known) return known;
  const routes = new Map<string, Route[]>();
  for (const [name, operation] of Object.entries(model.operations)) {
    const [path = "/", fixed = ""] = operation.path.split("?", 2);
    const place = placeOfTemplate(path);
    if (!place) continue;
    const required = operation.input ? structureOf(model, operation.input).required : undefined;
    const members = operation.input ? Object.entries(structureOf(model, operation.input).members) : [];
    const needed = (location: string) =>
      members
        .filter(([member, declared]) => declared.location === location && required?.includes(member))
        .map(([member, declared]) => wireName(member, declared));
    const constants = fixed === "" ? [] : fixed.split("&").map((constant) => constant.split("=", 2));
    const key = `${operation.method} ${place}`;
    routes.set(key, [
      ...(routes.get(key) ?? []),
      {
        name,
        operation,
        query: [
          ...constants
            .filter(([constant]) => constant !== NAMED)
            .map(([constant = "", value]) => [constant, value] as const),
          ...needed("querystring").map((parameter) => [parameter, undefined] as const),
        ],
        headers: needed("header").map((header) => header.toLowerCase()),
      },
    ]);
  }
  for (const list of routes.values()) list.sort((one, other) => weight(other) - weight(one));
  tables.set(model, routes);
  return routes;
}

const weight = ({ query, headers }: Route): number => query.length + headers.length;

const placeOfTemplate = (path: string): Place | undefined =>
  path === "/" ? "/" : path === "/{Bucket}" ? "bucket" : path === "/{Bucket}/{Key+}" ? "key" : undefined;

/** Throws `MethodNotAllowed` for what no operation is, `InvalidArgument` for a path that cannot be decoded. */
export function matchRestXml(
  model: ServiceModel,
  request: Pick<RequestHead, "method" | "rawPath" | "rawQuery" | "headers">,
): Match {
  const labels = labelsOf(request);
  const place: Place = labels["Key"] !== undefined ? "key" : labels["Bucket"] !== undefined ? "bucket" : "/";
  const query = new Map(parseQueryString(request.rawQuery));
  // A presigned URL has its headers in the query.
  const hoisted = new Set([...query.keys()].map((name) => name.toLowerCase()));
  const meets = (route: Route): boolean =>
    route.query.every(([name, value]) => query.has(name) && (value === undefined || query.get(name) === value)) &&
    route.headers.every((name) => request.headers[name] !== undefined || hoisted.has(name));
  const met = (routesOf(model).get(`${request.method} ${place}`) ?? []).filter(meets);
  const most = met.filter((route) => weight(route) === weight(met[0]!));
  const found = most.find(({ name }) => name === query.get(NAMED)) ?? most[0];
  if (!found) {
    throw new ServiceError("MethodNotAllowed", "The specified method is not allowed against this resource.");
  }
  return { name: found.name, operation: found.operation, labels };
}

/** Bucket and key, from a host that is the bucket's own or from the path. */
function labelsOf({ rawPath, headers }: Pick<RequestHead, "rawPath" | "headers">): Record<string, string> {
  const decoded = (text: string): string => {
    try {
      return decodePercent(text);
    } catch {
      throw new ServiceError("InvalidArgument", "The request's path holds a malformed percent-encoding.");
    }
  };
  const own = bucketOfHost(headers["host"] ?? "");
  const path = rawPath.replace(/^\//, "");
  if (own !== undefined) return { Bucket: own, ...(path !== "" && { Key: decoded(path) }) };
  if (path === "") return {};
  const slash = path.indexOf("/");
  if (slash < 0 || slash === path.length - 1) return { Bucket: decoded(slash < 0 ? path : path.slice(0, slash)) };
  return { Bucket: decoded(path.slice(0, slash)), Key: decoded(path.slice(slash + 1)) };
}
