module renga.example/oracle

go 1.26
