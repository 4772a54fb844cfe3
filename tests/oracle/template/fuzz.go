package main

func fuzz(n int, seed int64, emit func(*Case)) {}
