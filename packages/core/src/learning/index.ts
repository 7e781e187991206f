export * from './context'
export * from './define-learner'
export * from './part'
