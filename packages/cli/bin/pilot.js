#!/usr/bin/env node
// Stands here before anything is built: package managers link commands when they install.
import '../dist/bin.js'
