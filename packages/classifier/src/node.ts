import { classifiersOn } from './classifiers-on'
import { nodePlatform } from './node-platform'

export * from './exports'

const node = classifiersOn(nodePlatform)

/**
 * A classifier that keeps learning classes: `const classifier = await createClassifier()`, then `learn`, `predict`, `save`. An
 * engine is started where none has been.
 * @throws PilotError `no-backbone` where none is given and none is installed; what the method has against the backbone
 */
export const createClassifier = node.createClassifier

/**
 * A classifier as `save` left it; it goes on learning as the saved one would have.
 * @param saved its bytes or a Blob, or where they lie: in Node a file or its folder, in a browser an address
 * @throws PilotError `no-classifier`, `invalid-classifier`, `unknown-method`, `no-backbone`, `backbone-changed`
 */
export const loadClassifier = node.loadClassifier

/** A classifier out of a learner that learned elsewhere, such as in a run. */
export const classifierFrom = node.classifierFrom
