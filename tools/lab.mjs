// The policy lab: the real rebalancing policy against seeded demand and simulated platforms, without any server.
await import('./typescript.mjs')
const { main } = await import('../bench/lab/main.ts')
process.exitCode = main(process.argv.slice(2))
