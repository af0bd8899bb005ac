{#-
    Ce que le YAML d'un mart dit de ses colonnes, dit une fois et lu partout : par le modèle qui masque, par le test qui le
    vérifie, par ce qui écrit les fichiers des organismes. Dans `config: {meta: {…}}` d'une colonne :

    role: cle        fait partie du grain de la table ;
    role: perimetre  de même, et dit de quelle nature est le périmètre de la ligne : celles d'un organisme ne vont que chez lui ;
    role: attribut   ne dépend que de la clé (un libellé, la valeur d'une source) : aucune réponse n'y entre ;
    role: statut     statut et sa raison (motif_code, motif_parametre, motif_statut), qui disent si la cellule est publiée ;
    role: composee   une clé en une colonne, faite de celles que dit `de` (cles.sql) : aucun modèle ne l'écrit, elle l'est à la sortie ;
    role: mesure     tout le reste, et c'est le rôle d'une colonne qui n'en dit rien : vide hors statut V ;
    visible: raison  une mesure qui reste hors statut V, et pourquoi ;
    visibles: [...]  si quelques valeurs seulement en restent, lesquelles ;
    precision: …     d'une mesure, à quelle précision elle sort (precision.sql) ;
    unite: …         d'un nombre, ce qu'il compte ou en quoi il se mesure, si sa précision ne le dit pas déjà (`unites`) ;
    base_publiee: …  d'une table, la colonne qui compte les réponses dont ses chiffres sont faits, si ce n'est pas base_brute ;
    autrui: oui      une mesure qui, dans la ligne d'un organisme, est le chiffre des autres ou s'en déduit ;
    organismes: oui  la colonne désigne des organismes : elle seule peut en porter le code, le nom ou le SIREN.
-#}

{#- Les marts du projet : ce qui est publié. -#}
{% macro marts() -%}
    {%- set trouves = [] -%}
    {%- for noeud in graph.nodes.values() if noeud.resource_type == 'model' and 'marts' in noeud.fqn -%}
        {%- do trouves.append(noeud) -%}
    {%- endfor -%}
    {{ return(trouves | sort(attribute='name')) }}
{%- endmacro %}

{#-
    Le rôle de chaque colonne d'un mart, dans l'ordre déclaré ; « visible » est celui d'une mesure qui reste. Un test unitaire ne
    voit pas les YAML des autres modèles : il lit ce que la dernière construction en a gardé dans int_declarations.
-#}
{% macro roles(mart) -%}
    {%- set trouves = {} -%}
    {%- if graph.nodes is defined -%}
        {%- set noeud = graph.nodes.get('model.' ~ project_name ~ '.' ~ mart) -%}
        {%- if noeud is none or not noeud.columns -%}
            {{ exceptions.raise_compiler_error("« " ~ mart ~ " » n'est pas un mart dont le YAML déclare les colonnes.") }}
        {%- endif -%}
        {%- for nom, colonne in noeud.columns.items() -%}
            {%- do trouves.update({nom: role_de(mart, colonne)}) -%}
        {%- endfor -%}
    {%- else -%}
        {%- set table = api.Relation.create(
            database=target.database, schema='intermediaire', identifier='int_declarations'
        ) -%}
        {%- for ligne in run_query("select colonne, role from " ~ table ~ " where mart = '" ~ mart ~ "' order by rang") -%}
            {%- do trouves.update({ligne[0]: ligne[1]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(trouves) }}
{%- endmacro %}

{#-
    Les noms des colonnes d'un mart, ou de celles d'un rôle ; la nature du périmètre est une clé. Une clé composée n'est nommée que si
    on la demande : le modèle dont le mart est tiré ne l'a pas.
-#}
{% macro colonnes(mart, role=none) -%}
    {%- set noms = [] -%}
    {%- for nom, celui_de in roles(mart).items()
        if (role is none and celui_de != 'composee') or celui_de == role or (role == 'cle' and celui_de == 'perimetre')
    -%}
        {%- do noms.append(nom) -%}
    {%- endfor -%}
    {{ return(noms) }}
{%- endmacro %}

{#- Le rôle que déclare une colonne ; un rôle qui n'existe pas est refusé. -#}
{% macro role_de(mart, colonne) -%}
    {%- set meta = colonne.config.meta -%}
    {%- set role = 'visible' if meta.visible else meta.get('role', 'mesure') -%}
    {%- if role not in ['cle', 'perimetre', 'composee', 'attribut', 'statut', 'mesure', 'visible'] -%}
        {{ exceptions.raise_compiler_error(
            mart ~ '.' ~ colonne.name ~ " : le rôle « " ~ role ~ " » n'existe pas ; cle, perimetre, composee, attribut, statut ou mesure."
        ) }}
    {%- endif -%}
    {{ return(role) }}
{%- endmacro %}

{#- Les unités des nombres publiés, avec leurs mots dans `grandeurs` des catalogues ; vrai de celles d'un chiffre fait de réponses. -#}
{% macro unites() -%}
    {{ return({
        'note': true,
        'part': true,
        'nps': true,
        'probabilite': true,
        'selon_mesure': true,
        'selon_unite': true,
        'par_an': true,
        'rapport': true,
        'degres': true,
        'note_ponderee': true,
        'population': true,
        'reponses': true,
        'entretiens': false,
        'organismes': false,
        'personnes': false,
        'questions': false,
        'segments': false,
        'vagues': false,
        'lignes': false,
        'decimales': false,
        'rang': false,
    }) }}
{%- endmacro %}

{#- L'unité d'une colonne : la sienne, ou celle que sa précision veut dire. Rien d'un texte, d'une date ou d'un oui ou non. -#}
{% macro unite_de(mart, colonne) -%}
    {%- if colonne.data_type in ['bigint', 'integer', 'double'] -%}
        {%- set meta = colonne.config.meta -%}
        {%- set dites = {
            'note': 'note', 'ecart_de_note': 'note', 'part': 'part', 'nps': 'nps', 'probabilite': 'probabilite',
            'note_ou_part': 'selon_mesure', 'note_ou_pourcentage': 'selon_unite', 'base': 'reponses',
            'interroges': 'organismes', 'poids': 'population',
        } -%}
        {%- set unite = meta.unite or dites.get(meta.precision) or dites.get(meta.plein_chiffre) -%}
        {%- if unite not in unites() -%}
            {{ exceptions.raise_compiler_error(
                mart.name ~ '.' ~ colonne.name ~ " : en quelle unité est ce nombre ? La déclarer dans son YAML par « config: {meta: {unite: …}} » : "
                ~ unites() | join(', ') ~ '.'
            ) }}
        {%- endif -%}
        {{ return(unite) }}
    {%- endif -%}
{%- endmacro %}

{#-
    Les colonnes qui comptent les réponses dont une mesure est faite, séparées par des virgules ; `table.colonne` où c'est une autre
    table qui le dit, de la même case. Rien d'une base elle-même, ni de ce qui n'est fait d'aucune réponse. Une colonne faite d'autres
    réponses que les autres de sa table le dit par `comptes`.
-#}
{% macro bases_de(mart, colonne) -%}
    {%- set comptes = ['base_brute', 'base_brute_precedente', 'base_brute_comparee'] -%}
    {%- set dite = mart.config.meta.base_publiee -%}
    {%- if unites().get(unite_de(mart, colonne))
        and role_de(mart.name, colonne) in ['mesure', 'visible'] and colonne.name not in comptes + [dite]
    -%}
        {{ return(colonne.config.meta.comptes or colonne.config.meta.base or dite or mart.columns.keys() | select('in', comptes) | join(',')) }}
    {%- endif -%}
{%- endmacro %}

{#- Vrai de la ligne d'un organisme dans un mart, ou dans le modèle dont il est tiré. -#}
{% macro est_d_un_organisme(mart) -%}
    {{ colonnes(mart, 'perimetre') | first if execute else 'perimetre_type' }} = 'organisme'
{%- endmacro %}

{#-
    Le modèle dont un mart par périmètre est tiré, et dont viennent les lignes des organismes ; vide pour un autre mart. Un fait le dit par
    le test qui le tient à ce modèle ; une dimension, qui n'a ni raison ni mesure à tenir, par `modele_des_organismes`.
-#}
{% macro modele_des_organismes(mart) -%}
    {%- if mart.config.meta.modele_des_organismes -%}
        {{ return(mart.config.meta.modele_des_organismes) }}
    {%- endif -%}
    {%- for test in graph.nodes.values()
        if test.resource_type == 'test' and test.attached_node == mart.unique_id and test.test_metadata.name == 'fait_tenu'
    -%}
        {%- for reference in test.refs if reference.name.startswith('int_') -%}
            {{ return(reference.name) }}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
