import { defineConnector } from "@hearth/connector-sdk";
import { lampConnector } from "./connector.ts";
import { createVendor, settingsFrom } from "./vendor.ts";

/** The function: `index.handler`. */
export const handler = defineConnector(lampConnector(createVendor(settingsFrom(process.env))));
