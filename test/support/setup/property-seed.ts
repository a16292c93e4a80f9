import fc from 'fast-check'

/**
 * Property tests draw the same values in every run, so that a rare failure does not appear in a run that changed nothing
 * about it. `PROPERTY_SEED=random` (or a number) searches elsewhere; a failure prints the seed and the path to repeat it.
 */
const { PROPERTY_SEED = '1' } = process.env

if (PROPERTY_SEED !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(PROPERTY_SEED) })
