// `npm run seed -- <scenario>`: brings a running service with simulated platforms (`npm run dev`, `npm start`) into a
// state worth seeing, through its API and the platforms' control routes. Exits with 2 on invalid usage.
import { parseArgs } from 'node:util'
import { checkNode } from './support/ensure.mjs'
import { connect, DEV } from './support/local-service.mjs'
import { SCENARIOS } from './seed/scenarios.mjs'
import { findControls, simulators } from './seed/simulators.mjs'

checkNode()

const HELP = `Usage: npm run seed -- <scenario> [options]

Scenarios
${Object.entries(SCENARIOS)
  .map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`)
  .join('\n')}

Options
  --url URL         of the service (http://127.0.0.1:3000)
  --data-dir PATH   of the service (DATA_DIR, otherwise that of npm run dev or npm start, whichever runs)
  --email EMAIL     of an admin (ADMIN_EMAIL, otherwise ${DEV.email})
  --password TEXT   of the admin (ADMIN_PASSWORD, otherwise that of npm run dev)
  --minutes N       that the door takes (2)
  --help
`
const OPTIONS = {
  url: { type: 'string', default: `http://127.0.0.1:${process.env.PORT || 3000}` },
  'data-dir': { type: 'string', default: process.env.DATA_DIR },
  email: { type: 'string', default: process.env.ADMIN_EMAIL || DEV.email },
  password: { type: 'string', default: process.env.ADMIN_PASSWORD || DEV.password },
  minutes: { type: 'string', default: '2' },
  help: { type: 'boolean', default: false },
}

/** Throws an error that names the problem. */
function parse() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true })
  if (values.help) return { ...values, scenario: null }
  const [name, ...rest] = positionals
  if (name === undefined || rest.length > 0) throw new Error('give one scenario')
  if (!Object.hasOwn(SCENARIOS, name)) throw new Error(`unknown scenario: ${name}`)
  const minutes = Number(values.minutes)
  if (!(minutes >= 0 && minutes <= 60)) throw new Error('--minutes must be from 0 to 60')
  return { ...values, minutes, scenario: SCENARIOS[name] }
}

async function main({ scenario, minutes, url, email, password, ...values }) {
  const dataDirs = values['data-dir'] ? [values['data-dir']] : [DEV.dataDir, '.data']
  const dataDir = dataDirs.find((folder) => findControls(folder))
  if (!dataDir) throw new Error(`No service with simulated platforms runs on ${dataDirs.join(' or ')}: npm run dev`)
  const call = await connect(url, email, password)
  const { mode } = await call('GET', 'system/mode')
  if (mode === 'FAIL_SAFE') throw new Error(`The service is in fail-safe mode. End it first: ${url}/#/system`)
  // The service of `npm run dev` leaves the page to Vite.
  const page = dataDir === DEV.dataDir ? `http://127.0.0.1:${process.env.PAGE_PORT || 5173}` : url
  const show = ({ what, path }) => console.log(`${what}\n  ${page}/#/${path}`)
  const seen = await scenario.run({ call, platforms: simulators(findControls(dataDir)), show, minutes })
  seen.forEach(show)
}

let options
try {
  options = parse()
} catch (error) {
  console.error(`${error.message}\n\n${HELP}`)
  process.exit(2)
}
if (options.help) {
  console.log(HELP)
} else {
  await main(options).catch((error) => {
    console.error(error.message)
    process.exitCode = 1
  })
}
