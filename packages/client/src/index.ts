export { type Client, type ClientOptions, createClient, ServiceException, type ServiceOperations } from "./client.ts";
