module renga.example/oracle/kubernetes

go 1.26.0
