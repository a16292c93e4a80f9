import { ADAPTERS } from './adapters.js'
import { describeAdapter } from './describe-adapter.js'

for (const adapter of ADAPTERS) describeAdapter(adapter)
