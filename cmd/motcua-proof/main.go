// Command motcua-proof proves the promises: fleet simulator, benchmarks and
// faults. It is the one program that may import both sides.
package main

func main() {}
