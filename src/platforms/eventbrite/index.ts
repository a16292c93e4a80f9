export * from './config.js'
export { EventbriteAdapter } from './eventbrite-adapter.js'
export { withoutSecret } from './webhook-delivery.js'
