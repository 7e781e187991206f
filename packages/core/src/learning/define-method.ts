import type { z } from 'zod'
import { nearestName } from '../names/nearest-name'
import type { Backbone } from '../contracts/backbone'
import type { Learner } from '../contracts/learner'
import type { Accepts, ConfiguredMethod, Method, StreamPlan } from '../contracts/method'
import { PilotError } from '../errors/pilot-error'
import { type Rng, createRng } from '../random/rng'

/** What the algorithm is given when a learner is made. */
export interface MethodSetup<Options> {
  readonly backbone: Backbone
  readonly options: Options
  /** For what is drawn once, before any task. */
  readonly rng: Rng
  /** Absent where nobody knows what is to come. */
  readonly plan?: StreamPlan
}

export interface MethodDefinition<Schema extends z.ZodObject> extends Pick<Method, 'family' | 'paper' | 'pilot'> {
  readonly name: string
  /** The options with their defaults; what they do not name is refused. */
  readonly options: Schema
  /** What it takes beyond the default: new classes, one or many at a time, of a stream whose length nobody knows. */
  readonly accepts?: Partial<Accepts>
  create(setup: MethodSetup<z.output<Schema>>): Learner
}

const byDefault: Accepts = {
  newClasses: true,
  moreImages: false,
  unknownTotal: true,
  online: false,
  removeClass: false,
  mergeClasses: false,
}

/** A method out of its name, its options and its algorithm: what a method package exports. */
export function defineMethod<Schema extends z.ZodObject>(definition: MethodDefinition<Schema>): Method<Schema> {
  const { name, family, paper, pilot, create } = definition
  const schema = definition.options.strict() as unknown as Schema
  const accepts: Accepts = { ...byDefault, ...definition.accepts }
  const configure = (given?: z.input<Schema>): ConfiguredMethod<z.output<Schema>> => {
    const options = readOptions(name, schema, given ?? {})
    return {
      method: method as unknown as Method,
      options,
      create: ({ backbone, seed, plan }) =>
        keepingToAccepted(name, accepts, create({ backbone, options, plan, rng: createRng(seed).fork('learner') })),
    }
  }
  const facts = {
    name,
    family,
    paper,
    options: schema,
    accepts,
    ...(pilot && { pilot }),
  }
  const method = Object.defineProperties(
    configure,
    Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, { value, enumerable: true }])),
  ) as unknown as Method<Schema>
  return method
}

/** Refuses tasks that the method says it does not accept, before any of them changes the learner. */
function keepingToAccepted(method: string, accepts: Accepts, learner: Learner): Learner {
  if (accepts.moreImages) return learner
  const learn = learner.learn.bind(learner)
  learner.learn = async (task, context) => {
    const again = task.classes.filter((label) => label < task.classesBefore)
    if (again.length > 0)
      throw new PilotError(
        'task-refused',
        `${method} gives every class to the one task that brought it, but task ${task.index} brings class ${again.join(', ')} again`,
        { method, task: task.index, classes: again },
      )
    await learn(task, context)
  }
  return learner
}

/** @throws PilotError `invalid-options`, with every problem in one message */
function readOptions<Schema extends z.ZodObject>(method: string, schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const known = Object.keys(schema.shape)
  const problems = parsed.error.issues.map((issue) => {
    if (issue.code !== 'unrecognized_keys') return `${issue.path.join('.') || 'options'}: ${issue.message}`
    return issue.keys
      .map((key) => {
        const near = nearestName(key, known)
        return `${key} is no option${near === undefined ? '' : `; did you mean "${near}"?`}`
      })
      .join('; ')
  })
  throw new PilotError(
    'invalid-options',
    `${method}: ${problems.join('; ')}. Its options are ${known.join(', ') || 'none'}`,
    { method, problems },
  )
}
