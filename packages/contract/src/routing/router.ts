import type { Operation, ServiceModel } from "../model.ts";
import { compareRoutes, matchRoute, parseTemplate, type Route } from "./uri-template.ts";

export interface RouteRequest {
  /** Hearth's name of the service. Three routes are both in `iot` and in `iot-jobs-data`, so it is needed. */
  service: string;
  method: string;
  /** The path as it came, still percent-encoded, without the query. */
  path: string;
  /** The raw query string without `?`. */
  query?: string;
}

export type RouteMatch =
  | {
      outcome: "matched";
      model: ServiceModel;
      /** Name of the operation. */
      operation: string;
      /** Path labels by member name, decoded. */
      labels: Readonly<Record<string, string>>;
    }
  /** No such service, method or path. */
  | { outcome: "unknown" }
  /** The path fits an operation, and a label in it is not valid percent-encoded UTF-8. */
  | { outcome: "malformed"; operation: string };

export interface Router {
  match(request: RouteRequest): RouteMatch;
  /** The service that a SigV4 credential scope names, or undefined. */
  serviceBySigningName(signingName: string): ServiceModel | undefined;
}

/**
 * Makes a router over REST-JSON services. The path is matched segment by segment in its encoded form and its labels
 * are decoded afterwards, so that an encoded slash stays inside its label.
 */
export function createRouter(models: Iterable<ServiceModel>): Router {
  const byService = new Map<string, ServiceRoutes>();
  const bySigningName = new Map<string, ServiceModel>();
  for (const model of models) {
    for (const name of model.signingNames) bySigningName.set(name, model);
    byService.set(model.service, { model, routes: routesOf(model) });
  }
  return {
    match(request) {
      const service = byService.get(request.service);
      const head = segmentsOf(request.path)[0] ?? "";
      const routes = service?.routes.get(keyOf(request.method, head)) ?? service?.routes.get(keyOf(request.method, ""));
      return service && routes ? matchFirst(service.model, routes, request) : { outcome: "unknown" };
    },
    serviceBySigningName: (signingName) => bySigningName.get(signingName),
  };
}

interface ServiceRoutes {
  model: ServiceModel;
  /** By method and first literal segment; most specific first. */
  routes: ReadonlyMap<string, readonly Route[]>;
}

function matchFirst(model: ServiceModel, routes: readonly Route[], request: RouteRequest): RouteMatch {
  const segments = segmentsOf(request.path);
  const query = new URLSearchParams(request.query ?? "");
  for (const route of routes) {
    const labels = matchRoute(route, segments, query);
    if (labels === "malformed") return { outcome: "malformed", operation: route.operation };
    if (labels) return { outcome: "matched", model, operation: route.operation, labels };
  }
  return { outcome: "unknown" };
}

function routesOf(model: ServiceModel): ReadonlyMap<string, readonly Route[]> {
  const routes = new Map<string, Route[]>();
  if (model.protocol !== "rest-json") return routes;
  for (const [name, operation] of Object.entries(model.operations)) {
    const route = parseTemplate(name, operation.path, slashAllowed(model, operation));
    const first = route.segments[0];
    const key = keyOf(operation.method, first?.kind === "literal" ? first.text : "");
    const known = routes.get(key);
    if (known) known.push(route);
    else routes.set(key, [route]);
  }
  for (const list of routes.values()) list.sort(compareRoutes);
  return routes;
}

/**
 * AWS's own clients disagree on `/authorizers` and `/authorizers/`, so both lead to ListAuthorizers; but `/things/` is
 * a thing without a name and not `/things`.
 */
function slashAllowed(model: ServiceModel, { method, path }: Operation): boolean {
  if (path.endsWith("}")) return false;
  return !Object.values(model.operations).some(
    (other) => other.method === method && other.path.startsWith(`${path}/{`),
  );
}

function keyOf(method: string, firstSegment: string): string {
  return `${method} ${firstSegment}`;
}

function segmentsOf(path: string): string[] {
  return (path.startsWith("/") ? path.slice(1) : path).split("/");
}
